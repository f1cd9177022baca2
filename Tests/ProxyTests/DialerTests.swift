import NIOCore
import NIOEmbedded
import NIOPosix
import PortlessCore
import SystemPackage
import Testing

@testable import Proxy

@Suite(.timeLimit(.minutes(1))) struct DialerTests {
    /// Connections that a test lets succeed or fail, by address.
    private final class Connections {
        private(set) var dialled: [String] = []
        private var promises: [String: EventLoopPromise<any Channel>] = [:]
        let eventLoop = EmbeddedEventLoop()

        func connect(_ address: SocketAddress) -> EventLoopFuture<any Channel> {
            let promise = eventLoop.makePromise(of: (any Channel).self)
            let name = address.ipAddress ?? ""
            dialled.append(name)
            promises[name] = promise
            return promise.futureResult
        }

        func refuse(_ address: String) {
            promises.removeValue(forKey: address)?
                .fail(IOError(errnoCode: Errno.connectionRefused.rawValue, reason: "connect"))
        }

        func succeed(_ address: String) -> EmbeddedChannel {
            let channel = EmbeddedChannel(loop: eventLoop)
            promises.removeValue(forKey: address)?.succeed(channel)
            return channel
        }
    }

    private func dial(
        _ connections: Connections,
        on families: Set<LoopbackFamily>,
        _ completion: @escaping (Result<any Channel, UpstreamFailure>) -> Void = { _ in },
    ) {
        Dialer(.port(4001), eventLoop: connections.eventLoop, connect: connections.connect)
            .dial(on: families, completion)
    }

    @Test func `one family is never left for the other`() {
        for (family, address) in [(LoopbackFamily.v4, "127.0.0.1"), (.v6, "::1")] {
            let connections = Connections()
            var failure: UpstreamFailure?
            dial(connections, on: [family]) {
                if case .failure(let reason) = $0 { failure = reason }
            }
            connections.eventLoop.advanceTime(by: .seconds(1))
            connections.refuse(address)
            #expect(connections.dialled == [address])
            #expect(failure == .refused)
        }
    }

    @Test func `the other family follows a refusal, or a while without an answer`() {
        let refused = Connections()
        dial(refused, on: [.v4, .v6])
        #expect(refused.dialled == ["127.0.0.1"])
        refused.refuse("127.0.0.1")
        #expect(refused.dialled == ["127.0.0.1", "::1"])

        let silent = Connections()
        var won: (any Channel)?
        dial(silent, on: [.v4, .v6]) { won = try? $0.get() }
        silent.eventLoop.advanceTime(by: .seconds(1))
        #expect(silent.dialled == ["127.0.0.1", "::1"])
        let first = silent.succeed("::1")
        #expect(won === first)
        // The one that comes second has nothing to do.
        let second = silent.succeed("127.0.0.1")
        #expect(!second.isActive)
    }

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
