import NIOCore
import NIOEmbedded
import Testing

@testable import Proxy

/// What clients that don't read may keep of the proxy's memory.
@Suite(.timeLimit(.minutes(1))) struct UnreadMemoryTests {
    private static let unknown = "GET / HTTP/1.1\r\nHost: nowhere.localhost\r\n\r\n"

    private var limits: ClientLimits {
        var limits = ClientLimits()
        limits.unreadBytes = 400_000
        return limits
    }

    /// Leaves so many bytes unread, as a socket does that takes no more.
    private func leave(_ size: Int, _ client: EmbeddedClient) {
        // What isn't flushed counts here as what the client has no room for.
        client.channel.write(ByteBuffer(repeating: 0, count: size), promise: nil)
        client.takes(false)
        client.channel.embeddedEventLoop.run()
    }

    @Test func `those that have read nothing for longest make room for the others`() throws {
        let first = try EmbeddedClient(limits: limits)
        let others = try (0..<4).map { _ in try EmbeddedClient(beside: first) }
        let clients = [first] + others
        for client in clients { try client.send(Self.unknown) }
        for client in clients.dropLast() { leave(100_000, client) }
        #expect(clients.map(\.isOpen) == [true, true, true, true, true])
        // Over the limit: a quarter is freed, so that the next one closes no client.
        leave(100_000, others[3])
        #expect(clients.map(\.isOpen) == [false, false, true, true, true])
    }

    @Test func `a client that reads again counts no more`() throws {
        let first = try EmbeddedClient(limits: limits)
        let second = try EmbeddedClient(beside: first)
        for client in [first, second] { try client.send(Self.unknown) }
        leave(300_000, first)
        first.channel.flush()
        first.takes(true)
        leave(300_000, second)
        #expect(first.isOpen && second.isOpen)
    }

    @Test func `a client that leaves counts no more`() throws {
        let first = try EmbeddedClient(limits: limits)
        let second = try EmbeddedClient(beside: first)
        let third = try EmbeddedClient(beside: first)
        for client in [first, second, third] { try client.send(Self.unknown) }
        leave(300_000, first)
        try first.channel.close().wait()
        leave(300_000, second)
        leave(50_000, third)
        #expect(second.isOpen && third.isOpen)
    }

    @Test func `small remains are nothing to close for`() throws {
        let first = try EmbeddedClient(limits: limits)
        let others = try (0..<50).map { _ in try EmbeddedClient(beside: first) }
        for client in others {
            try client.send(Self.unknown)
            leave(ClientLimits.unreadFloor - 1000, client)
        }
        #expect(others.map(\.isOpen) == others.map { _ in true })
    }
}
