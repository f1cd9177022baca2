import NIOCore
import Synchronization
import Testing

@testable import Proxy

/// What a proxy does when the process has no more descriptors to spare.
@Suite struct ClientConnectionsTests {
    /// Says that there is room once `count` more connections have been closed.
    private final class Shortage: Sendable {
        let missing = Mutex(0)

        var limits: ClientLimits {
            var limits = ClientLimits()
            limits.hasDescriptors = {
                self.missing.withLock { missing in
                    missing -= 1
                    return missing < 0
                }
            }
            return limits
        }
    }

    private static let unknown = "GET / HTTP/1.1\r\nHost: nowhere.localhost\r\n\r\n"

    @Test func `the connection that has been idle longest gives its descriptor up`() throws {
        let shortage = Shortage()
        let first = try EmbeddedClient(limits: shortage.limits)
        let second = try EmbeddedClient(beside: first)
        let third = try EmbeddedClient(beside: first)
        // The first one isn't the one any more that was idle longest.
        try first.send(Self.unknown)
        shortage.missing.withLock { $0 = 1 }
        #expect(first.loop.makeRoom())
        #expect([first, second, third].map(\.isOpen) == [true, false, true])
        shortage.missing.withLock { $0 = 1 }
        #expect(first.loop.makeRoom())
        #expect([first, second, third].map(\.isOpen) == [true, false, false])
    }

    @Test func `without an idle connection there is no room for more`() throws {
        let shortage = Shortage()
        let client = try EmbeddedClient(limits: shortage.limits)
        shortage.missing.withLock { $0 = 9 }
        #expect(!client.loop.makeRoom())
        #expect(!client.isOpen)
        #expect(client.loop.clients.count == 0)
    }

    @Test func `a client that comes while all others are at work is closed`() async throws {
        let shortage = Shortage()
        let (arrivals, arrival) = AsyncStream<Void>.makeStream()
        try await ScriptedUpstream({ connection, _ in
            _ = try await connection.read(until: "\r\n\r\n")
            shortage.missing.withLock { $0 = 9 }
            arrival.yield()
            _ = try await connection.read(until: "\r\n\r\n")
        }).run { upstream, _ in
            try await withProxy(routes: try appRoute(upstream), limits: shortage.limits) { port in
                try await RawConnection.with(port: port) { busy in
                    try await busy.send("GET / HTTP/1.1\r\nHost: app.localhost\r\n\r\n")
                    for await _ in arrivals { break }
                    // It may be closed before it is set up here.
                    try? await RawConnection.with(port: port) { other in
                        let answer = await other.readToEnd()
                        #expect(answer == "")
                    }
                    shortage.missing.withLock { $0 = 0 }
                    #expect(busy.channel.isActive)
                    try await RawConnection.with(port: port) { other in
                        try await other.send(Self.unknown)
                        _ = try await other.readResponse()
                    }
                }
            }
        }
    }
}
