import NIOCore
import NIOHPACK
import NIOHTTP2
import PortlessCore
import Testing

@testable import Proxy

@Suite(.timeLimit(.minutes(5))) struct HTTP2ForwardingTests {
    /// An app behind a proxy that speaks TLS.
    private struct SecureApp {
        let script: ScriptedUpstream.Script

        init(_ script: @escaping ScriptedUpstream.Script) {
            self.script = script
        }

        func run<Result: Sendable>(
            _ body: (_ port: Int, _ connections: ScriptedUpstream.Counter) async throws -> Result
        ) async throws -> Result {
            try await ScriptedUpstream(script).run { upstream, connections in
                try await withProxy(
                    routes: try appRoute(upstream),
                    certificates: TestCertificate(),
                ) {
                    try await body($0, connections)
                }
            }
        }
    }

    @Test func `forwards many streams of one session over few connections`() async throws {
        try await SecureApp(ScriptedUpstream.answering(HTTP1ForwardingTests.ok)).run {
            port,
            connections in
            try await HTTP2Client.with(port: port) { client in
                for round in 0..<20 {
                    for stream in 0..<10 {
                        try await client.request(HTTP2StreamID(1 + 2 * (round * 10 + stream)))
                    }
                    for stream in 0..<10 {
                        let id = HTTP2StreamID(1 + 2 * (round * 10 + stream))
                        let answer = try await client.response(on: id)
                        #expect(answer.status == "200" && answer.text == "ok")
                        #expect(answer.headers.first(name: "x-portless") == "1")
                    }
                }
            }
            #expect(connections.value <= 20)
        }
    }

    @Test func `sends a body in chunks and relays trailers both ways`() async throws {
        try await SecureApp({ connection, _ in
            let head = try await connection.read(until: "\r\n\r\n")
            #expect(head.hasPrefix("POST / HTTP/1.1\r\nhost: app.localhost\r\n"))
            let body = try await connection.read(until: "\r\n\r\n")
            // What came before the upstream was reached may share a chunk.
            #expect(
                body == "3\r\nabc\r\n3\r\ndef\r\n0\r\nsum: 6\r\n\r\n"
                    || body == "6\r\nabcdef\r\n0\r\nsum: 6\r\n\r\n"
            )
            try await connection.send(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: X-A\r\nX-A: 1\r\n\r\n"
                    + "2\r\nok\r\n0\r\nCheck: 1\r\n\r\n"
            )
        }).run { port, _ in
            try await HTTP2Client.with(port: port) { client in
                try await client.request(1, method: "POST", endStream: false)
                try await client.body(1, "abc", endStream: false)
                try await client.body(1, "def", endStream: false)
                try await client.send(
                    1,
                    .headers(.init(headers: ["sum": "6"], endStream: true)),
                )
                let answer = try await client.response(on: 1)
                #expect(answer.text == "ok")
                #expect(answer.trailers?.first(name: "check") == "1")
                #expect(answer.headers.first(name: "x-a") == nil)
                #expect(answer.headers.first(name: "transfer-encoding") == nil)
            }
        }
    }

    @Test func `resets only the stream whose upstream breaks off`() async throws {
        try await SecureApp({ connection, _ in
            let head = try await connection.read(until: "\r\n\r\n")
            if head.contains("/half") {
                try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
            } else {
                try await connection.send(HTTP1ForwardingTests.ok)
            }
        }).run { port, _ in
            try await HTTP2Client.with(port: port) { client in
                try await client.request(1, path: "/half")
                #expect(try await client.response(on: 1).reset == .internalError)
                try await client.request(3)
                #expect(try await client.response(on: 3).text == "ok")
            }
        }
    }

    @Test func `keeps a stalled stream from holding up others, in bounded memory`() async throws {
        try await SecureApp({ connection, _ in
            let head = try await connection.read(until: "\r\n\r\n")
            guard head.contains("/big") else {
                try await connection.send(HTTP1ForwardingTests.ok)
                return
            }
            let size = 64 * 1024 * 1024
            try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n")
            // Only as much is taken as the proxy and the sockets between hold.
            try await connection.send(ByteBuffer(repeating: 0x61, count: size))
            // To return would close the connection, and drop what the client hasn't read yet.
            _ = await connection.readToEnd()
        }).run { port, _ in
            let settings: HTTP2Settings = [
                HTTP2Setting(parameter: .initialWindowSize, value: 1000)
            ]
            try await HTTP2Client.with(port: port, settings: settings) { client in
                try await client.request(1, path: "/big")
                guard case .headers = try await client.frame(on: 1) else {
                    Issue.record("no head came")
                    return
                }
                for id in stride(from: 3, to: 103, by: 2) {
                    try await client.request(HTTP2StreamID(id))
                    let answer = try await client.response(on: HTTP2StreamID(id))
                    #expect(answer.text == "ok", "\(answer)")
                }
                #expect(try await client.data(on: 1, upTo: 1000) == 1000)
                try await client.send(1, .windowUpdate(windowSizeIncrement: 500))
                #expect(try await client.data(on: 1, upTo: 500) == 500)
            }
        }
    }

    @Test func `takes an upload that is larger than the windows`() async throws {
        let size = 20 * 1024 * 1024
        try await SecureApp({ connection, _ in
            _ = try await connection.read(until: "\r\n\r\n")
            _ = try await connection.read(count: size)
            try await connection.send(HTTP1ForwardingTests.ok)
        }).run { port, _ in
            try await HTTP2Client.with(port: port) { client in
                try await client.request(
                    1,
                    [("content-length", String(size))],
                    method: "POST",
                    endStream: false,
                )
                let part = ByteBuffer(repeating: 0x61, count: size / 20)
                for index in 1...20 {
                    try await client.send(
                        1,
                        .data(.init(data: .byteBuffer(part), endStream: index == 20)),
                    )
                }
                #expect(try await client.response(on: 1).text == "ok")
            }
        }
    }

    @Test func `keeps the session through ten thousand cancelled requests`() async throws {
        try await SecureApp(ScriptedUpstream.answering(HTTP1ForwardingTests.ok)).run { port, _ in
            try await HTTP2Client.with(port: port) { client in
                for number in 0..<10_000 {
                    let id = HTTP2StreamID(1 + 2 * number)
                    try await client.request(id)
                    // Now and then one is awaited, so that the app keeps up on a busy machine.
                    if number % 100 == 99 {
                        #expect(try await client.response(on: id).status == "200")
                        continue
                    }
                    // An answer that was quicker leaves nothing to cancel.
                    try? await client.send(id, .rstStream(.cancel))
                }
                try await client.request(20_001)
                let answer = try await client.response(on: 20_001)
                #expect(answer.status == "200" && answer.text == "ok", "\(answer)")
            }
        }
    }

    @Test func `opens a WebSocket by extended CONNECT`() async throws {
        try await SecureApp({ connection, _ in
            let head = try await connection.read(until: "\r\n\r\n")
            let key = head.split(separator: "\r\n")
                .first { $0.hasPrefix("sec-websocket-key: ") }
                .map { String($0.dropFirst(19)) }
            let accept = WebSocketHandshake.accept(for: key ?? "")
            try await connection.send(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Accept: \(accept)\r\nSec-WebSocket-Protocol: chat\r\n\r\nhi"
            )
            #expect(String(buffer: try await connection.read(count: 5)) == "hello")
            try await connection.send("bye")
        }).run { port, _ in
            try await HTTP2Client.with(port: port) { client in
                try await client.receiveSettings()
                let headers = HPACKHeaders([
                    (":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "https"),
                    (":authority", "app.localhost"), (":path", "/"),
                ])
                try await client.send(1, .headers(.init(headers: headers)))
                guard case .headers(let head) = try await client.frame(on: 1) else {
                    Issue.record("no head came")
                    return
                }
                #expect(head.headers.first(name: ":status") == "200")
                #expect(head.headers.first(name: "sec-websocket-protocol") == "chat")
                #expect(head.headers.first(name: "sec-websocket-accept") == nil)
                try await client.body(1, "hello", endStream: false)
                var received = ""
                while !received.hasSuffix("bye") {
                    guard case .data(let frame) = try await client.frame(on: 1),
                        case .byteBuffer(let bytes) = frame.data
                    else {
                        Issue.record("no data came")
                        return
                    }
                    received += String(buffer: bytes)
                }
                #expect(received == "hibye")
            }
        }
    }

    @Test func `refuses a WebSocket whose proof is wrong`() async throws {
        try await SecureApp({ connection, _ in
            _ = try await connection.read(until: "\r\n\r\n")
            try await connection.send(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Accept: wrong\r\n\r\n"
            )
        }).run { port, _ in
            try await HTTP2Client.with(port: port) { client in
                try await client.receiveSettings()
                let headers = HPACKHeaders([
                    (":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "https"),
                    (":authority", "app.localhost"), (":path", "/"),
                ])
                try await client.send(1, .headers(.init(headers: headers)))
                let answer = try await client.response(on: 1)
                #expect(answer.status == "502")
                #expect(answer.text.contains("invalid response to the WebSocket handshake"))
            }
        }
    }

    @Test func `answers for unknown names, loops, missing apps and giant heads`() async throws {
        try await withProxy(
            routes: try appRoute(1),
            certificates: TestCertificate(),
        ) { port in
            try await HTTP2Client.with(port: port) { client in
                try await client.request(1, authority: "no.localhost")
                #expect(try await client.response(on: 1).status == "404")
                try await client.request(3, [("x-portless-hops", "5")])
                #expect(try await client.response(on: 3).status == "508")
                try await client.request(5)
                #expect(try await client.response(on: 5).status == "502")
                // HPACK sends a repeated field as an index: a small frame, a large head.
                let field = ("a", String(repeating: "b", count: 3000))
                try await client.request(7, Array(repeating: field, count: 30))
                #expect(try await client.response(on: 7).status == "431")
                try await client.request(9, [("a", "b\r\nc: d")])
                #expect(try await client.response(on: 9).reset == .protocolError)
                try await client.request(11, method: "HEAD", authority: "no.localhost")
                let head = try await client.response(on: 11)
                #expect(head.status == "404" && head.text.isEmpty)
            }
        }
    }
}
