import HostSystem
import Logging
import NIOCore
package import PortlessCore

/// The state that all connections of one event loop share.
///
/// Confined to that loop: no locks, no hops.
final class ProxyLoop {
    let eventLoop: any EventLoop
    let configuration: ProxyConfiguration
    let logger: Logger
    /// Shared with the other loops.
    let logins: LoginRelay
    private let listenerCheck: ListenerCheck?
    private let refusalNotice: RefusalNotice?
    /// Nil where no app starts on request.
    let starter: AppStarter?
    let clients: ClientConnections
    /// Nil opens real connections.
    let connect: Dialer.Connect?
    /// Nil while no one watches the traffic.
    var traffic: TrafficRecorder?
    /// Judges each request where the server is the gate before a shared app.
    let gate: VisitorGate?
    private let destination: Destination
    private(set) lazy var upstreamTLS = UpstreamTLSContexts(authority: configuration.authority)
    private(set) lazy var router = Router(destination, loop: self)
    /// The TLS of connections to TCP names, made with the first of them.
    private(set) lazy var tunnelTLS = configuration.certificates.map { source in
        Result { try ServerTLS.makeContext(source, protocols: ServerTLS.tunnels) }
    }

    init(
        eventLoop: any EventLoop,
        configuration: ProxyConfiguration,
        destination: Destination,
        listenerCheck: ListenerCheck? = nil,
        refusalNotice: RefusalNotice? = nil,
        starter: AppStarter? = nil,
        connect: Dialer.Connect? = nil,
        logins: LoginRelay = LoginRelay(),
        logger: Logger,
    ) {
        self.eventLoop = eventLoop
        self.configuration = configuration
        self.destination = destination
        self.listenerCheck = listenerCheck
        self.refusalNotice = refusalNotice
        self.starter = starter
        self.connect = connect
        self.logins = logins
        self.logger = logger
        gate = configuration.gate.map(VisitorGate.init)
        clients = ClientConnections(
            eventLoop: eventLoop,
            limits: configuration.limits,
            logger: logger,
        )
    }

    /// On which addresses the route's app may be connected to.
    func verdict(on route: Route) -> ListenerVerdict {
        listenerCheck?(route, router.currentRoutes()) ?? .unrestricted
    }

    /// Reports to the app's runner that the app isn't reachable where its route leads.
    func note(refusalOf route: Route) {
        refusalNotice?(route)
    }

    /// Whether there are descriptors for one more connection, after idle ones were closed if
    /// necessary.
    func makeRoom() -> Bool {
        clients.makeRoom() || router.closeIdleConnections() && clients.makeRoom()
    }

    func closeAll() {
        clients.closeAll()
        router.close()
    }
}

/// Called repeatedly while requests for an app find no listener on its route's port.
///
/// The app may have moved to another port. Called on an event loop, so it must not block.
package typealias RefusalNotice = @Sendable (Route) -> Void
