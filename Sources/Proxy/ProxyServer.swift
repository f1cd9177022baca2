package import Logging
import NIOConcurrencyHelpers
package import NIOCore
import NIOPosix
import NIOSSL
package import PortlessCore
package import SystemPackage

/// A place where the proxy accepts connections.
package struct ListeningEndpoint: Sendable {
    package enum Source: Sendable {
        /// An address to bind; port 0 lets the system choose.
        case address(host: String, port: Int)
        /// A listening socket of another process (`LISTEN_FDS`, the holder).
        case descriptor(Int32)
    }

    package var source: Source
    /// Answers each plain HTTP request with a redirect to HTTPS.
    package var isRedirectOnly: Bool

    package init(_ source: Source, isRedirectOnly: Bool = false) {
        self.source = source
        self.isRedirectOnly = isRedirectOnly
    }
}

/// The data plane: accepts clients on its listeners and forwards their requests to the apps.
///
/// It runs until `shutDown` or `handOver` is called.
package final class ProxyServer: Sendable {
    /// Connections that the kernel keeps while the loop is busy; the system may cap it lower.
    private static let backlog: Int32 = 4096

    private let configuration: ProxyConfiguration
    private let group: MultiThreadedEventLoopGroup
    private let loops: [NIOLoopBound<ProxyLoop>]
    private let tls: NIOSSLContext?
    private let listeners = NIOLockedValueBox<[any Channel]>([])
    private let traffic = NIOLockedValueBox<TrafficSocket?>(nil)
    private let dns = NIOLockedValueBox<DNSListener?>(nil)

    /// Creates a proxy for the apps of a route table, without listeners.
    ///
    /// `makeRouteSource` is called once for each event loop, on it; `listenerCheck` before a new
    /// connection to an app is opened, `refusalNotice` when an app refuses one, and `starter` when a
    /// request comes for an app that starts on request. Throws where a certificate is unusable.
    package convenience init(
        configuration: ProxyConfiguration,
        logger: Logger,
        listenerCheck: ListenerCheck? = nil,
        refusalNotice: RefusalNotice? = nil,
        starter: AppStarter? = nil,
        makeRouteSource: @escaping @Sendable () -> any RouteSource,
    ) async throws {
        try await self.init(
            configuration,
            logger: logger,
            listenerCheck: listenerCheck,
            refusalNotice: refusalNotice,
            starter: starter,
            makeDestination: { .apps(makeRouteSource()) },
        )
    }

    /// Creates a proxy that sends every request to the one server at a Unix domain socket.
    package convenience init(
        configuration: ProxyConfiguration,
        logger: Logger,
        server socket: FilePath,
    ) async throws {
        try await self.init(
            configuration,
            logger: logger,
            listenerCheck: nil,
            refusalNotice: nil,
            starter: nil,
            makeDestination: { .socket(socket) },
        )
    }

    private init(
        _ configuration: ProxyConfiguration,
        logger: Logger,
        listenerCheck: ListenerCheck?,
        refusalNotice: RefusalNotice?,
        starter: AppStarter?,
        makeDestination: @escaping @Sendable () -> Destination,
    ) async throws {
        self.configuration = configuration
        group = MultiThreadedEventLoopGroup(numberOfThreads: max(configuration.loopCount, 1))
        tls = try configuration.certificates.map { try ServerTLS.makeContext($0) }
        let logins = LoginRelay()
        var loops: [NIOLoopBound<ProxyLoop>] = []
        for eventLoop in group.makeIterator() {
            loops.append(
                try await eventLoop.submit {
                    NIOLoopBound(
                        ProxyLoop(
                            eventLoop: eventLoop,
                            configuration: configuration,
                            destination: makeDestination(),
                            listenerCheck: listenerCheck,
                            refusalNotice: refusalNotice,
                            starter: starter,
                            logins: logins,
                            logger: logger,
                        ),
                        eventLoop: eventLoop,
                    )
                }.get()
            )
        }
        self.loops = loops
    }

    /// Starts accepting.
    ///
    /// - Returns: the address that was bound.
    package func listen(on endpoint: ListeningEndpoint) async throws -> SocketAddress? {
        let remotePeers = configuration.remotePeers
        let admitsContainer = configuration.admitsContainer
        let (loops, tls) = (self.loops, self.tls)
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: Self.backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        AcceptPause(makeRoom: { Self.makeRoom(loops) })
                    )
                }
            }
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.recvAllocator, value: Buffers.receive)
            // One read at a time bounds the bytes that arrive before the proxy can stop reading.
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(.writeBufferWaterMark, value: Buffers.waterMark)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let peer = channel.remoteAddress?.ipAddress ?? ""
                    guard
                        channel.isFromThisMachine || remotePeers.admits(address: peer)
                            || channel.isContainer(admitsContainer)
                    else {
                        throw ChannelError.ioOnClosedChannel
                    }
                    guard let loop = loops.first(where: { $0.eventLoop === channel.eventLoop })
                    else { throw ChannelError.inappropriateOperationForState }
                    guard loop.value.makeRoom() else { throw ChannelError.ioOnClosedChannel }
                    let pipelines = ClientPipelines(
                        loop: loop.value,
                        tls: endpoint.isRedirectOnly ? nil : tls,
                        isRedirectOnly: endpoint.isRedirectOnly,
                    )
                    try pipelines.begin(channel)
                }
            }
        let channel =
            switch endpoint.source {
            case .address(let host, let port):
                try await bootstrap.bind(
                    to: SocketAddress(ipAddress: host, port: port)
                ).get()
            case .descriptor(let descriptor):
                try await bootstrap.withBoundSocket(descriptor).get()
            }
        listeners.withLockedValue { $0.append(channel) }
        return channel.localAddress
    }

    /// Lets watchers of the traffic attach at a socket in this folder, in place of an older one.
    package func openTraffic(in directory: FilePath, as name: String) async throws {
        let socket = try await TrafficSocket.open(in: directory, as: name, for: loops)
        traffic.withLockedValue { $0 = socket }
    }

    private func closeTraffic() async {
        let socket = traffic.withLockedValue { socket in
            defer { socket = nil }
            return socket
        }
        await socket?.close()
    }

    /// Answers DNS for the top-level names on this port, on loopback only.
    package func openDNS(port: Port) async throws {
        guard let loop = loops.first else { return }
        let listener = try await DNSListener.open(
            on: loop.eventLoop,
            port: Int(port.rawValue),
            DNSAnswerer(topLevelNames: configuration.topLevelNames),
        )
        dns.withLockedValue { $0 = listener }
    }

    private func closeDNS() async {
        let listener = dns.withLockedValue { listener in
            defer { listener = nil }
            return listener
        }
        await listener?.close()
    }

    /// Stops accepting, lets exchanges under way end for at most `grace`, then closes the rest.
    package func shutDown(grace: TimeAmount) async {
        await stopAccepting()
        await closeTraffic()
        await closeDNS()
        let deadline = NIODeadline.now() + grace
        for loop in loops {
            try? await loop.eventLoop.submit { loop.value.clients.shutDownGracefully() }.get()
        }
        for loop in loops { await Self.drain(loop, until: deadline) }
        try? await group.shutdownGracefully()
    }

    /// Keeps the accepted connections for at most `grace`, while a successor accepts the new ones.
    package func handOver(grace: TimeAmount) async {
        await stopAccepting()
        // Watchers go on to the successor, which has most of the traffic from now on.
        await closeTraffic()
        await closeDNS()
        let deadline = NIODeadline.now() + grace
        for loop in loops {
            try? await loop.eventLoop.submit { loop.value.clients.handOver() }.get()
        }
        for loop in loops { await Self.drain(loop, until: deadline) }
        try? await group.shutdownGracefully()
    }

    /// Closes the listeners.
    ///
    /// While another descriptor holds the socket open, connections wait in the system's queue until
    /// a process accepts on it again.
    package func stopAccepting() async {
        let closing = listeners.withLockedValue { listeners in
            defer { listeners.removeAll() }
            return listeners
        }
        for listener in closing { try? await listener.close() }
    }

    /// Closes waiting connections where the system has no descriptor left for another one.
    private static func makeRoom(_ loops: [NIOLoopBound<ProxyLoop>]) {
        for loop in loops {
            loop.eventLoop.execute { _ = loop.value.makeRoom() }
        }
    }

    private static func drain(_ loop: NIOLoopBound<ProxyLoop>, until deadline: NIODeadline) async {
        let eventLoop = loop.eventLoop
        while NIODeadline.now() < deadline {
            let open = try? await eventLoop.submit { loop.value.clients.count }.get()
            guard let open, open > 0 else { break }
            try? await Task.sleep(for: .milliseconds(20))
        }
        try? await eventLoop.submit { loop.value.closeAll() }.get()
    }
}

extension Channel {
    /// Whether the peer has a loopback address, which no computer on the network can have.
    func isContainer(_ admits: ((String, String) -> Bool)?) -> Bool {
        guard let admits, let peer = remoteAddress?.ipAddress, let local = localAddress?.ipAddress
        else { return false }
        return admits(peer, local)
    }

    var isFromThisMachine: Bool {
        guard let address = remoteAddress?.ipAddress else { return false }
        return address == "::1" || address.hasPrefix("127.") || address.hasPrefix("::ffff:127.")
    }
}

/// Stops accepting for a moment where the system has no descriptor left.
///
/// NIO's own handler delays the next read, but the listener stays readable and keeps the event loop
/// busy: an accept that fails at once doesn't change its registration.
final class AcceptPause: ChannelInboundHandler {
    typealias InboundIn = any Channel

    private static let length = TimeAmount.milliseconds(250)

    private let makeRoom: () -> Void

    /// `makeRoom` is called at the beginning of each pause.
    init(makeRoom: @escaping () -> Void) {
        self.makeRoom = makeRoom
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let channel = context.channel
        if error is IOError {
            try? channel.syncOptions?.setOption(.autoRead, value: false)
            makeRoom()
            context.eventLoop.assumeIsolated().scheduleTask(in: Self.length) {
                try? channel.syncOptions?.setOption(.autoRead, value: true)
            }
        }
        context.fireErrorCaught(error)
    }
}
