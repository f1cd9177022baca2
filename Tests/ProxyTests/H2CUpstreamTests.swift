import NIOCore
import NIOHPACK
import NIOHTTP2
import NIOPosix
import PortlessCore
import TestSupport
import Testing

@testable import Proxy

/// An upstream that speaks HTTP/2 without TLS and answers each stream by its path.
private func withH2CUpstream<Result: Sendable>(
    _ body: (_ port: Int) async throws -> Result
) async throws -> Result {
    let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        .childChannelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                _ = try channel.pipeline.syncOperations.configureHTTP2Pipeline(
                    mode: .server,
                    connectionConfiguration: .init(),
                    streamConfiguration: .init(),
                ) { stream in
                    stream.eventLoop.makeCompletedFuture {
                        try stream.pipeline.syncOperations.addHandler(EchoStream())
                    }
                }
            }
        }
        .bind(host: "127.0.0.1", port: 0).get()
    do {
        let result = try await body(try #require(server.localAddress?.port))
        try await server.close()
        return result
    } catch {
        try await server.close()
        throw error
    }
}

/// Echoes data as it comes and ends with trailers; `/only` answers with trailers alone.
private final class EchoStream: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias OutboundOut = HTTP2Frame.FramePayload

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .headers(let frame):
            #expect(frame.headers.first(name: "te") == "trailers")
            #expect(frame.headers.first(name: "x-portless-hops") == "1")
            if frame.headers.first(name: ":path") == "/only" {
                let only: HPACKHeaders = [":status": "200", "grpc-status": "5"]
                send(.headers(.init(headers: only, endStream: true)), context)
            } else {
                let head: HPACKHeaders = [":status": "200", "content-type": "application/grpc"]
                send(.headers(.init(headers: head)), context)
                if frame.endStream { end(context) }
            }
        case .data(let frame):
            send(.data(.init(data: frame.data)), context)
            if frame.endStream { end(context) }
        default: break
        }
    }

    private func end(_ context: ChannelHandlerContext) {
        let trailers: HPACKHeaders = ["grpc-status": "0"]
        send(.headers(.init(headers: trailers, endStream: true)), context)
    }

    private func send(_ payload: HTTP2Frame.FramePayload, _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(payload), promise: nil)
    }
}

@Suite(.timeLimit(.minutes(1))) struct H2CUpstreamTests {
    private func routes(_ port: Int) throws -> TestRoutes {
        var route = Route(
            hostname: try #require(Hostname("app.localhost")),
            port: try #require(Port(port)),
            owner: .alias,
        )
        route.upstreamProtocol = .h2c
        return TestRoutes([route])
    }

    @Test func `relays a stream in both directions at once, and its trailers`() async throws {
        try await withH2CUpstream { upstream in
            try await withProxy(
                routes: try routes(upstream),
                certificates: TestCertificate(),
            ) { port in
                try await HTTP2Client.with(port: port) { client in
                    try await client.request(1, method: "POST", endStream: false)
                    for text in ["one", "two"] {
                        try await client.body(1, text, endStream: false)
                        var received = ""
                        while received != text {
                            if case .data(let frame) = try await client.frame(on: 1),
                                case .byteBuffer(let bytes) = frame.data
                            {
                                received += String(buffer: bytes)
                            }
                        }
                    }
                    try await client.body(1, "", endStream: true)
                    var trailers: HPACKHeaders?
                    while trailers == nil {
                        if case .headers(let frame) = try await client.frame(on: 1) {
                            #expect(frame.endStream)
                            trailers = frame.headers
                        }
                    }
                    #expect(trailers?.first(name: "grpc-status") == "0")
                }
            }
        }
    }

    @Test func `an exchange with it is recorded`() async throws {
        try await TemporaryDirectory.with { folder in
            try await withH2CUpstream { upstream in
                try await withProxy(
                    routes: try routes(upstream),
                    certificates: TestCertificate(),
                    trafficFolder: folder,
                ) { port in
                    try await TestWatcher.with(folder) { watcher in
                        try await watcher.inspect("app.localhost")
                        try await HTTP2Client.with(port: port) { client in
                            try await client.request(1, method: "POST", endStream: false)
                            try await client.body(1, "sent")
                            _ = try await client.response(on: 1)
                        }
                        let record = try await watcher.finished()
                        #expect(record.upstream == "127.0.0.1:\(upstream)")
                        #expect(record.type == "application/grpc")
                        #expect(record.requestBytes == 4)
                        let details = try await watcher.details(of: record.id)
                        #expect(details.request?.body == .text("sent"))
                        #expect(details.response?.body == .text("sent"))
                    }
                }
            }
        }
    }

    @Test func `relays an answer that is trailers only`() async throws {
        try await withH2CUpstream { upstream in
            try await withProxy(
                routes: try routes(upstream),
                certificates: TestCertificate(),
            ) { port in
                try await HTTP2Client.with(port: port) { client in
                    try await client.request(1, method: "POST", path: "/only")
                    let answer = try await client.response(on: 1)
                    #expect(answer.headers.first(name: "grpc-status") == "5")
                    #expect(answer.text.isEmpty)
                }
            }
        }
    }

    @Test(arguments: [
        "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", "no", "SSH-2.0-OpenSSH_9.2\r\n",
        "\0\0\u{6}\u{7}\0\0\0\0\0garbage", "\0\0\0\u{4}\0\0\0\0\0\u{1}garbage without an end",
    ])
    func `says 502 at once for an upstream that doesn't speak HTTP/2`(answer: String) async throws {
        try await ScriptedUpstream({ connection, _ in
            _ = try await connection.read(until: "SM\r\n\r\n")
            try await connection.send(answer)
            // It leaves the connection open.
            _ = await connection.readToEnd()
        }).run { upstream, connections in
            try await withProxy(routes: try routes(upstream)) { port in
                for round in 1...2 {
                    try await withThrowingTaskGroup(of: String.self) { group in
                        for _ in 0..<5 {
                            group.addTask {
                                try await RawConnection.with(port: port) { client in
                                    try await client.send(HTTP1ForwardingTests.get)
                                    return try await client.readResponse().head
                                }
                            }
                        }
                        for try await head in group { #expect(head.hasPrefix("HTTP/1.1 502 ")) }
                    }
                    #expect(connections.value >= round)
                }
            }
        }
    }

    @Test func `opens a new connection once the upstream leaves`() async throws {
        try await ScriptedUpstream({ connection, number in
            _ = try await connection.read(until: "SM\r\n\r\n")
            var out = HTTP2Bytes()
            out.frame(.settings)
            // The first connection serves one stream, says goodbye and stays open.
            try out.headers([(":status", "204")], on: 1)
            if number == 1 { out.frame(.goAway, [0, 0, 0, 1, 0, 0, 0, 0]) }
            while try await connection.readFrame().kind != HTTP2Bytes.Kind.headers.rawValue {}
            try await connection.send(out.take())
            _ = await connection.readToEnd()
        }).run { upstream, connections in
            try await withProxy(routes: try routes(upstream)) { port in
                for number in 1...2 {
                    try await RawConnection.with(port: port) { client in
                        try await client.send(HTTP1ForwardingTests.get)
                        let head = try await client.readResponse().head
                        #expect(head.hasPrefix("HTTP/1.1 204 "))
                    }
                    #expect(connections.value == number)
                }
            }
        }
    }

    @Test func `serves HTTP/1.1 clients from it as well`() async throws {
        try await withH2CUpstream { upstream in
            try await withProxy(routes: try routes(upstream)) { port in
                try await RawConnection.with(port: port) { client in
                    for _ in 0..<3 {
                        try await client.send(
                            "POST / HTTP/1.1\r\nHost: app.localhost\r\nContent-Length: 2\r\n\r\nhi"
                        )
                        let head = try await client.read(until: "\r\n\r\n")
                        #expect(head.hasPrefix("HTTP/1.1 200 \r\n"))
                        #expect(!head.contains("connection: close"))
                        #expect(
                            try await client.read(until: "0\r\n\r\n")
                                == "2\r\nhi\r\n0\r\ngrpc-status: 0\r\n\r\n"
                        )
                    }
                }
            }
        }
    }
}
