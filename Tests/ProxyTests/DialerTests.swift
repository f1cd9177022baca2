import NIOCore
import NIOPosix
import Testing

@testable import Proxy

@Suite(.timeLimit(.minutes(1))) struct DialerTests {
    @Test func `a socket that got itself as its peer is told from one with a listener`()
        async throws
    {
        let group = MultiThreadedEventLoopGroup.singleton
        let listener = try await ServerBootstrap(group: group)
            .bind(host: "127.0.0.1", port: 0).get()
        let client = try await ClientBootstrap(group: group)
            .connect(to: try #require(listener.localAddress)).get()
        #expect(!client.isConnectedToItself)
        try await client.close()
        try await listener.close()

        // Another port, for this one is still busy with what was accepted.
        let other = try await ServerBootstrap(group: group)
            .bind(host: "127.0.0.1", port: 0).get()
        let address = try #require(other.localAddress)
        try await other.close()
        let alone = try await ClientBootstrap(group: group)
            .bind(to: address)
            .connect(to: address).get()
        #expect(alone.isConnectedToItself)
        try await alone.close()
    }
}
