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
    /// Nil opens real connections.
    let connect: Dialer.Connect?
    private var openConnections: [ObjectIdentifier: any ClientConnection] = [:]
    /// The most connections since memory was last given back.
    private var peakConnections = 0
    private var idleSweep: Scheduled<Void>?
    private var isHandedOver = false
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
    }

    /// Where the route's app may be sought.
    func verdict(on route: Route) -> ListenerVerdict {
        listenerCheck?(route, router.currentRoutes()) ?? .unrestricted
    }

    /// Tells whoever runs the app that it isn't reached where its route leads.
    func note(refusalOf route: Route) {
        refusalNotice?(route)
    }

    // MARK: Client connections

    func opened(_ connection: any ClientConnection) {
        openConnections[ObjectIdentifier(connection)] = connection
        peakConnections = max(peakConnections, openConnections.count)
        // Accepted before the listeners were closed, but only now known by its first bytes.
        if isHandedOver { connection.shutDownGracefully(closesIdle: false) }
        if idleSweep == nil { scheduleIdleSweep() }
    }

    func closed(_ connection: any ClientConnection) {
        openConnections[ObjectIdentifier(connection)] = nil
    }

    var connectionCount: Int { openConnections.count }

    /// Lets connections end after what they are at, and closes the idle ones.
    func shutDownGracefully() {
        for connection in openConnections.values {
            connection.shutDownGracefully(closesIdle: true)
        }
    }

    /// Lets every connection have the answer to what it asks next, and none after that.
    func handOver() {
        isHandedOver = true
        for connection in openConnections.values {
            connection.shutDownGracefully(closesIdle: false)
        }
    }

    func closeAll() {
        idleSweep?.cancel()
        idleSweep = nil
        for connection in openConnections.values { connection.closeNow() }
        router.close()
    }

    /// Runs only while there are connections, so that an idle proxy sleeps.
    ///
    /// A connection counts the sweeps that found it waiting, which spares it a look at the clock
    /// for each request.
    private func scheduleIdleSweep() {
        let interval = TimeAmount.nanoseconds(
            configuration.idleLimit.nanoseconds / Int64(Self.sweepsPerIdleLimit)
        )
        idleSweep = eventLoop.assumeIsolated().scheduleTask(in: interval) {
            self.idleSweep = nil
            for connection in self.openConnections.values {
                connection.countIdleSweep(limit: Self.sweepsPerIdleLimit)
            }
            self.giveMemoryBack()
            if !self.openConnections.isEmpty { self.scheduleIdleSweep() }
        }
    }

    /// After a burst of connections malloc keeps what they used, tens of MiB for some hundreds.
    private func giveMemoryBack() {
        guard peakConnections >= 64, openConnections.count < peakConnections / 4 else { return }
        peakConnections = openConnections.count
        UnusedMemory.giveBack()
    }

    private static let sweepsPerIdleLimit = 4
}

/// Told now and then, while an app that somebody asks for isn't reached on its route's port.
///
/// It may have moved to another one. Called on an event loop, so it must not block.
package typealias RefusalNotice = @Sendable (Route) -> Void

/// A client's connection of either HTTP version, as the loop sees it.
protocol ClientConnection: AnyObject {
    /// Closes it if this is the sweep after `limit` others that all found it waiting.
    func countIdleSweep(limit: Int)
    /// Finishes the exchanges under way and takes no new ones.
    ///
    /// An idle connection may have a request on its way that nobody has seen yet. Without
    /// `closesIdle` it is still answered, and the connection ends after it.
    func shutDownGracefully(closesIdle: Bool)
    func closeNow()
}
