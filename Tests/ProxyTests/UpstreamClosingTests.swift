import Logging
import NIOCore
import NIOEmbedded
import PortlessCore
import SystemPackage
import Testing

@testable import Proxy

/// What happens to those who wait for a connection while their upstream goes away.
@Suite struct UpstreamClosingTests {
    /// Notes what it is told.
    private final class Waiting: ResponseReceiver {
        var connected: UpstreamConnection?
        var failures: [UpstreamFailure] = []
        var onFailure: () -> Void = {}

        var isWritable: Bool { true }
        var takesRawChunks: Bool { true }
        var asksForUpgrade: Bool { false }
        func upstreamConnected(_ connection: UpstreamConnection) { connected = connection }
        func upstreamUnreachable(_ reason: UpstreamFailure) { failures.append(reason) }
        func receiveHead(_ head: ResponseHead, _ bytes: ByteBuffer) {}
        func receiveBody(_ bytes: ByteBuffer) {}
        func receiveEnd(trailers: ByteBuffer?) {}
        func receiveTunnelled(_ bytes: ByteBuffer) {}
        func receiveTunnelEnd() {}
        func upstreamFailed(_ reason: UpstreamFailure) {
            failures.append(reason)
            onFailure()
        }
        func upstreamReadComplete() {}
        func upstreamBecameWritable() {}
    }

    /// A loop whose connections open when the test says so.
    private final class Fixture {
        let eventLoop = EmbeddedEventLoop()
        private(set) var promises: [(port: Int, promise: EventLoopPromise<any Channel>)] = []
        private(set) lazy var loop = ProxyLoop(
            eventLoop: eventLoop,
            configuration: ProxyConfiguration(port: 1355, certificates: nil, version: "test"),
            destination: .apps(TestRoutes([])),
            connect: { address in
                let promise = self.eventLoop.makePromise(of: (any Channel).self)
                self.promises.append((address.port ?? 0, promise))
                return promise.futureResult
            },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        )

        func upstream(_ port: Port, _ spoken: Route.UpstreamProtocol) throws -> Upstream {
            var route = Route(
                hostname: try #require(Hostname("app.localhost")),
                port: port,
                owner: .alias,
            )
            route.upstreamProtocol = spoken
            return Upstream(.app(route), loop: loop)
        }

        func open(_ number: Int) throws -> EmbeddedChannel {
            let channel = EmbeddedChannel(loop: eventLoop)
            try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
            promises[number].promise.succeed(channel)
            eventLoop.run()
            return channel
        }
    }

    @Test func `an h2c upstream that closes while it connects answers all and leaks nothing`()
        throws
    {
        let fixture = Fixture()
        let upstream = try fixture.upstream(4001, .h2c)
        let waiting = [Waiting(), Waiting()]
        for receiver in waiting { #expect(upstream.acquire(for: receiver) == nil) }
        #expect(fixture.promises.count == 1)
        upstream.close()
        for receiver in waiting { #expect(receiver.failures.count == 1) }
        let channel = try fixture.open(0)
        #expect(!channel.isActive)
        for receiver in waiting { #expect(receiver.connected == nil) }
    }

    @Test func `a connection that was given up doesn't take a later one's place`() throws {
        let fixture = Fixture()
        let upstream = try fixture.upstream(4001, .h2c)
        let early = Waiting()
        _ = upstream.acquire(for: early)
        upstream.close()
        let late = Waiting()
        _ = upstream.acquire(for: late)
        #expect(fixture.promises.count == 2)
        #expect(!(try fixture.open(0)).isActive)
        #expect(late.connected == nil && late.failures.isEmpty)
        #expect((try fixture.open(1)).isActive)
        #expect(late.connected != nil && early.connected == nil)
    }

    /// NIOHTTP2 forgets a stream that begins while its session is being closed; to close it later
    /// ends the process.
    @Test func `a stream that no request wants isn't kept for one when its session is lost`()
        throws
    {
        let fixture = Fixture()
        let upstream = try fixture.upstream(4001, .h2c)
        let receivers = [Waiting(), Waiting()]
        for receiver in receivers { _ = upstream.acquire(for: receiver) }
        let channel = try fixture.open(0)
        let head = ByteBuffer(string: "GET / HTTP/1.1\r\nhost: app.localhost\r\n\r\n")
        let used = try #require(receivers[0].connected)
        used.begin(head, method: .get, for: receivers[0])
        used.flush()
        try #require(receivers[1].connected).returnUnused()
        let next = Waiting()
        var reused: UpstreamConnection?
        receivers[0].onFailure = {
            reused = upstream.acquire(for: next)
            reused?.begin(head, method: .get, for: next)
            reused?.flush()
        }
        channel.close(promise: nil)
        fixture.eventLoop.run()
        #expect(receivers[0].failures.count == 1)
        #expect(reused == nil)
        reused?.abort()
        #expect(fixture.promises.count == 2)
    }

    @Test(arguments: [Route.UpstreamProtocol.http1, .h2c])
    func `who waits goes on to where the name leads now`(spoken: Route.UpstreamProtocol) throws {
        let fixture = Fixture()
        let upstream = try fixture.upstream(4001, spoken)
        let successor = try fixture.upstream(4002, .http1)
        let receiver = Waiting()
        _ = upstream.acquire(for: receiver)
        upstream.close(successor: successor)
        if spoken == .http1 {
            // Both loopback addresses.
            let refusal = IOError(
                errnoCode: Errno.connectionRefused.rawValue,
                reason: "connect",
            )
            for number in 0...1 { fixture.promises[number].promise.fail(refusal) }
        }
        #expect(fixture.promises.last?.port == 4002)
        _ = try fixture.open(fixture.promises.count - 1)
        #expect(receiver.connected != nil && receiver.failures.isEmpty)
    }
}
