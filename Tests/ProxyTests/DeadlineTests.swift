import NIOCore
import NIOEmbedded
import NIOHPACK
import NIOHTTP2
import Testing

@testable import Proxy

/// How long a client is waited for, on a clock that the test moves.
@Suite(.timeLimit(.minutes(1))) struct DeadlineTests {
    private static let unknown = "GET / HTTP/1.1\r\nHost: nowhere.localhost\r\n\r\n"

    @Test func `a connection without a byte is closed after 15 seconds`() throws {
        let client = try EmbeddedClient()
        client.pass(.seconds(15))
        #expect(client.isOpen)
        client.pass(.seconds(6))
        #expect(!client.isOpen)
    }

    @Test func `a TLS handshake has no more time, however it trickles`() throws {
        let client = try EmbeddedClient(certificates: TestCertificate())
        client.pass(.seconds(10))
        // A record of a handshake that is announced and doesn't come.
        try client.send([0x16, 0x03, 0x01, 0x02, 0x00])
        client.pass(.seconds(4))
        try client.send([0x01])
        #expect(client.isOpen)
        client.pass(.seconds(7))
        #expect(!client.isOpen)
    }

    @Test func `a head has 30 seconds, however it trickles`() throws {
        let client = try EmbeddedClient()
        for byte in "GET / HTTP/1.1".utf8 {
            guard client.isOpen else { break }
            try client.send([byte])
            client.pass(.seconds(3))
        }
        #expect(!client.isOpen)
        let patient = try EmbeddedClient()
        for byte in "GET / HTTP/1.1\r\n".utf8 {
            try patient.send([byte])
            patient.pass(.seconds(1))
        }
        #expect(patient.isOpen)
    }

    @Test func `a second head has its time from its own first byte on`() throws {
        let client = try EmbeddedClient()
        try client.send(Self.unknown)
        client.pass(.seconds(60))
        try client.send("GET /")
        client.pass(.seconds(30))
        #expect(client.isOpen)
        client.pass(.seconds(6))
        #expect(!client.isOpen)
    }

    @Test func `a kept-alive connection without a request is closed after 75 seconds`() throws {
        let client = try EmbeddedClient()
        for _ in 0..<3 {
            try client.send(Self.unknown)
            client.pass(.seconds(75))
            #expect(client.isOpen)
        }
        client.pass(.seconds(6))
        #expect(!client.isOpen)
    }

    @Test func `a body may pause for 10 minutes`() throws {
        let client = try EmbeddedClient()
        try client.send("POST / HTTP/1.1\r\nHost: nowhere.localhost\r\nContent-Length: 9\r\n\r\n")
        for _ in 0..<3 {
            client.pass(.minutes(10))
            #expect(client.isOpen)
            try client.send("x")
        }
        client.pass(.minutes(10))
        #expect(client.isOpen)
        client.pass(.seconds(6))
        #expect(!client.isOpen)
    }

    @Test func `an answer may lie unread for 10 minutes, however idle the connection is`() throws {
        let client = try EmbeddedClient()
        try client.send(Self.unknown)
        // What isn't flushed counts here as what the client has no room for.
        client.channel.write(ByteBuffer(string: "unread"), promise: nil)
        client.pass(.minutes(10))
        #expect(client.isOpen)
        client.pass(.seconds(11))
        #expect(!client.isOpen)
    }

    @Test func `without a connection nothing wakes the proxy`() throws {
        let client = try EmbeddedClient()
        #expect(client.loop.clients.isSweeping)
        try client.channel.close().wait()
        client.pass(.seconds(6))
        #expect(!client.loop.clients.isSweeping)
        #expect(client.loop.clients.count == 0)
        let next = try EmbeddedClient(beside: client)
        #expect(client.loop.clients.isSweeping)
        next.pass(.seconds(21))
        #expect(!next.isOpen)
    }

    // MARK: Exchanges with an app

    /// Deadlines that are over as soon as it is looked at twice.
    private static var impatient: ClientLimits {
        var limits = ClientLimits()
        limits.body = .milliseconds(20)
        limits.unread = .milliseconds(20)
        limits.sweep = .milliseconds(10)
        return limits
    }

    /// Waits until an impatient proxy has closed another connection, whose body doesn't come.
    private func waitUntilBodiesAreOver(port: Int) async throws {
        for _ in 0..<2 {
            try await RawConnection.with(port: port) { client in
                try await client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n")
                _ = await client.readToEnd()
            }
        }
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Type: Text/Event-Stream; a=b\r\nTransfer-Encoding: chunked\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n",
    ])
    func `event streams and tunnels have no deadline`(head: String) async throws {
        try await ScriptedUpstream({ connection, _ in
            _ = try await connection.read(until: "\r\n\r\n")
            try await connection.send(head + "\r\n5\r\nfirst\r\n")
            _ = try await connection.read(until: "never")
        }).run { upstream, _ in
            try await withProxy(routes: try appRoute(upstream), limits: Self.impatient) { port in
                try await RawConnection.with(port: port) { client in
                    try await client.send(
                        """
                        GET / HTTP/1.1\r\nHost: app.localhost\r
                        Connection: upgrade\r\nUpgrade: websocket\r\n\r\n
                        """
                    )
                    _ = try await client.read(until: "first")
                    try await waitUntilBodiesAreOver(port: port)
                    try await client.send("x")
                    #expect(client.channel.isActive)
                }
            }
        }
    }

    @Test func `an app may think about its answer, and not stop in the middle of it`() async throws
    {
        let (asked, ask) = AsyncStream<Void>.makeStream()
        try await ScriptedUpstream({ connection, _ in
            _ = try await connection.read(until: "\r\n\r\n")
            for await _ in asked { break }
            try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
            _ = try await connection.read(until: "never")
        }).run { upstream, _ in
            try await withProxy(routes: try appRoute(upstream), limits: Self.impatient) { port in
                try await RawConnection.with(port: port) { client in
                    try await client.send("GET / HTTP/1.1\r\nHost: app.localhost\r\n\r\n")
                    try await waitUntilBodiesAreOver(port: port)
                    #expect(client.channel.isActive)
                    ask.yield()
                    #expect(await client.readToEnd().hasSuffix("\r\n\r\nhalf"))
                }
            }
        }
    }

    // MARK: HTTP/2

    @Test func `a session without a stream is closed after 75 seconds`() throws {
        let channel = try EmbeddedHTTP2.channel()
        channel.embeddedEventLoop.advanceTime(by: .seconds(75))
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .seconds(6))
        #expect(!channel.isActive)
    }

    @Test func `a stream whose answer isn't taken is reset, and its session goes on`() throws {
        let channel = try EmbeddedHTTP2.channel()
        // The client's window for new streams.
        let settings = [HTTP2Setting(parameter: .initialWindowSize, value: 0)]
        try channel.writeInbound(
            HTTP2Frame(streamID: .rootStream, payload: .settings(.settings(settings)))
        )
        let fields = HPACKHeaders([
            (":method", "GET"), (":scheme", "https"), (":authority", "nowhere.localhost"),
            (":path", "/"),
        ])
        try channel.writeInbound(
            HTTP2Frame(
                streamID: 1,
                payload: .headers(.init(headers: fields, endStream: true)),
            )
        )
        channel.embeddedEventLoop.advanceTime(by: .minutes(10))
        #expect(try resets(channel) == [])
        channel.embeddedEventLoop.advanceTime(by: .seconds(6))
        #expect(try resets(channel) == [1])
        #expect(channel.isActive)
    }

    private func resets(_ channel: EmbeddedChannel) throws -> [HTTP2StreamID] {
        channel.embeddedEventLoop.run()
        var ids: [HTTP2StreamID] = []
        while let frame = try channel.readOutbound(as: HTTP2Frame.self) {
            if case .rstStream(.cancel) = frame.payload { ids.append(frame.streamID) }
        }
        return ids
    }
}
