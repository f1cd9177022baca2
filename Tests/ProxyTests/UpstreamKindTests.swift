import HostSystem
import NIOCore
import NIOPosix
import PortlessCore
import SystemPackage
import TestSupport
import Testing

@testable import Proxy

/// Upstreams that speak TLS, and those that listen on Unix domain sockets.
@Suite(.timeLimit(.minutes(1))) struct UpstreamKindTests {
    private func route(
        _ place: Route.Place,
        _ upstreamProtocol: Route.UpstreamProtocol = .http1,
    ) throws -> TestRoutes {
        TestRoutes([
            Route(
                hostname: try #require(Hostname("app.localhost")),
                at: place,
                owner: .alias,
                upstreamProtocol: upstreamProtocol,
            )
        ])
    }

    private func get(
        _ port: Int,
        _ fields: String = "",
    ) async throws -> (head: String, body: String) {
        try await RawConnection.with(port: port) { client in
            try await client.send("GET /x HTTP/1.1\r\nHost: app.localhost\r\n\(fields)\r\n")
            return try await client.readResponse()
        }
    }

    /// A server that speaks TLS, HTTP/1.1 and HTTP/2: another proxy.
    private func withTLSServer<Result: Sendable>(
        _ script: @escaping ScriptedUpstream.Script,
        _ body: (_ port: Int) async throws -> Result,
    ) async throws -> Result {
        try await ScriptedUpstream(script).run { upstream, _ in
            try await withProxy(
                routes: try appRoute(upstream),
                certificates: TestCertificate(),
                body,
            )
        }
    }

    private let mirror: ScriptedUpstream.Script = { connection, _ in
        while true {
            let head = try await connection.read(until: "\r\n\r\n")
            try await connection.send(
                "HTTP/1.1 200 OK\r\nContent-Length: \(head.utf8.count)\r\n\r\n\(head)"
            )
        }
    }

    @Test func `an upstream over TLS needs a certificate that counts`() async throws {
        try await withTLSServer(mirror) { server in
            let place = Route.Place.port(try #require(Port(server)))
            let strict = Route.UpstreamProtocol.https(UpstreamTLS(serverName: "localhost"))
            try await withProxy(routes: try route(place, strict)) { port in
                let answer = try await get(port)
                #expect(answer.head.hasPrefix("HTTP/1.1 502 "))
                #expect(answer.body.contains("no TLS connection"))
                #expect(answer.body.contains("--insecure"))
            }
            let insecure = UpstreamTLS(serverName: "localhost", isInsecure: true)
            try await withProxy(routes: try route(place, .https(insecure))) { port in
                for _ in 0..<3 {
                    let answer = try await get(port)
                    #expect(answer.head.hasPrefix("HTTP/1.1 200 "))
                    #expect(answer.body.contains("x-forwarded-host: app.localhost\r\n"))
                }
            }
        }
    }

    @Test func `certificates of our own authority count, for their names only`() async throws {
        try await TemporaryDirectory.with { folder in
            try folder.write("ca.pem", TestCertificate.pem)
            let authority = folder.appending("ca.pem")
            try await withTLSServer(mirror) { server in
                let place = Route.Place.port(try #require(Port(server)))
                for (name, status) in [("localhost", "200"), ("other.localhost", "502")] {
                    let tls = Route.UpstreamProtocol.https(UpstreamTLS(serverName: name))
                    try await withProxy(
                        routes: try route(place, tls),
                        authority: authority,
                    ) { port in
                        let answer = try await get(port)
                        #expect(answer.head.hasPrefix("HTTP/1.1 \(status) "), "\(name)")
                    }
                }
            }
        }
    }

    @Test func `WebSockets go to upstreams over TLS by HTTP/1.1`() async throws {
        let echo: ScriptedUpstream.Script = { connection, _ in
            _ = try await connection.read(until: "\r\n\r\n")
            try await connection.send(
                "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n"
                    + "connection: Upgrade\r\n\r\nhello"
            )
            let text = try await connection.read(until: "!")
            try await connection.send(text)
        }
        try await withTLSServer(echo) { server in
            let place = Route.Place.port(try #require(Port(server)))
            let tls = UpstreamTLS(serverName: "localhost", isInsecure: true)
            try await withProxy(routes: try route(place, .https(tls))) { port in
                try await RawConnection.with(port: port) { client in
                    try await client.send(
                        "GET /ws HTTP/1.1\r\nHost: app.localhost\r\nUpgrade: websocket\r\n"
                            + "Connection: Upgrade\r\n\r\n"
                    )
                    #expect(try await client.read(until: "hello").contains("101"))
                    try await client.send("ping!")
                    #expect(try await client.read(until: "!") == "ping!")
                }
            }
        }
    }

    @Test func `a port that speaks no TLS has no TLS connection`() async throws {
        let plain: ScriptedUpstream.Script = { connection, _ in
            try await connection.send("HTTP/1.1 400 Bad Request\r\n\r\n")
            _ = try await connection.read(until: "never")
        }
        try await ScriptedUpstream(plain).run { upstream, _ in
            let place = Route.Place.port(try #require(Port(upstream)))
            let tls = Route.UpstreamProtocol.https(UpstreamTLS(serverName: "localhost"))
            try await withProxy(routes: try route(place, tls)) { port in
                let answer = try await get(port)
                #expect(answer.head.hasPrefix("HTTP/1.1 502 "))
                #expect(answer.body.contains("no TLS connection"))
            }
        }
    }

    @Test func `a name may lead to a socket`() async throws {
        try await TemporaryDirectory.with { folder in
            let socket = folder.appending("a.sock")
            let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(Mirror())
                    }
                }
                .bind(unixDomainSocketPath: socket.string).get()
            try await withProxy(routes: try route(.socket(socket))) { port in
                #expect(try await get(port).body.contains("Host: app.localhost"))
                try await server.close()
                try FileSystem.removeFile(socket)
                let gone = try await get(port)
                #expect(gone.head.hasPrefix("HTTP/1.1 502 "))
                #expect(gone.body.contains("Nothing listens on socket \(socket)"))
            }
        }
    }

    /// Answers every request with its own head.
    private final class Mirror: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let head = unwrapInboundIn(data)
            var answer = ByteBuffer(
                string: "HTTP/1.1 200 OK\r\nconnection: close\r\n"
                    + "content-length: \(head.readableBytes)\r\n\r\n"
            )
            answer.writeImmutableBuffer(head)
            context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
        }
    }
}
