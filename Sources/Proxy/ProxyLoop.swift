import HostSystem
import Logging
import NIOCore
package import PortlessCore

/// What all connections of one event loop share.
///
/// Confined to that loop: no locks, no hops.
final class ProxyLoop {
    let eventLoop: any EventLoop
    let configuration: ProxyConfiguration
    let logger: Logger
    private let listenerCheck: ListenerCheck?
    private let refusalNotice: RefusalNotice?
    let clients: ClientConnections
    /// Nil opens real connections.
    let connect: Dialer.Connect?
    private let source: any RouteSource
    private(set) lazy var router = Router(source: source, loop: self)

    init(
        eventLoop: any EventLoop,
        configuration: ProxyConfiguration,
        source: any RouteSource,
        listenerCheck: ListenerCheck?,
        refusalNotice: RefusalNotice?,
        connect: Dialer.Connect? = nil,
        logger: Logger,
    ) {
        self.eventLoop = eventLoop
        self.configuration = configuration
        self.source = source
        self.listenerCheck = listenerCheck
        self.refusalNotice = refusalNotice
        self.connect = connect
        self.logger = logger
        clients = ClientConnections(
            eventLoop: eventLoop,
            limits: configuration.limits,
            logger: logger,
        )
    }

    /// Where the route's app may be sought.
    func verdict(on route: Route) -> ListenerVerdict {
        listenerCheck?(route, router.currentRoutes()) ?? .unrestricted
    }

    /// Tells whoever runs the app that it isn't reached where its route leads.
    func note(refusalOf route: Route) {
        refusalNotice?(route)
    }

    /// Whether there are descriptors for one more connection, when those that idle have given
    /// theirs up.
    func makeRoom() -> Bool {
        clients.makeRoom() || router.closeIdleConnections() && clients.makeRoom()
    }

    func closeAll() {
        clients.closeAll()
        router.close()
    }
}

/// Told now and then, while an app that somebody asks for isn't reached on its route's port.
///
/// It may have moved to another one. Called on an event loop, so it must not block.
package typealias RefusalNotice = @Sendable (Route) -> Void
