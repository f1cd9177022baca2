import NIOCore
package import PortlessCore
import SystemPackage

/// The source of an event loop's routes.
package protocol RouteSource: AnyObject {
    /// The current routes.
    ///
    /// Called for each request, so it must be quick where nothing has changed, and then return the
    /// identical object. Confined to one event loop.
    func current() -> RouteTable

    /// Leaves out the routes of an owner if it has ended, which changes no file.
    ///
    /// Asked now and then while requests come for a name of that owner.
    func forgetIfEnded(_ owner: Route.Owner)
}

/// The destination of a proxy's requests.
enum Destination {
    /// The apps that the routes name.
    case apps(any RouteSource)
    /// The server at a Unix domain socket, for every name.
    case socket(FilePath)
}

/// Finds the upstream for an authority, and keeps each upstream while its route lives.
///
/// Confined to its event loop.
final class Router {
    private struct Key: Hashable {
        let port: Port
        let owner: Route.Owner
        let upstreamProtocol: Route.UpstreamProtocol
        let heldBy: String?
        let upstreamHost: Hostname?
    }

    private let source: (any RouteSource)?
    /// The only upstream, where there are no routes.
    private let server: Upstream?
    private unowned let loop: ProxyLoop
    private var table = RouteTable.empty
    private var hasTCPNames = false
    /// Parallel to the table's routes.
    private var upstreams: [Upstream] = []
    private var known: [Key: Upstream] = [:]
    /// Each check looks at all owners, so clients can't ask for one as often as they like.
    private var nextOwnerCheck = NIODeadline.now()
    private static let ownerCheckPause = TimeAmount.milliseconds(250)

    init(_ destination: Destination, loop: ProxyLoop) {
        self.loop = loop
        switch destination {
        case .apps(let source):
            self.source = source
            server = nil
        case .socket(let path):
            source = nil
            server = Upstream(.server(path), loop: loop)
        }
    }

    func upstream(for authority: Span<UInt8>) -> Upstream? {
        if let server { return server }
        refresh()
        guard let index = table.index(forAuthority: authority) else { return nil }
        guard upstreams[index].takesOwnerCheck() else { return upstreams[index] }
        source?.forgetIfEnded(table.routes[index].owner)
        refresh()
        return table.index(forAuthority: authority).map { upstreams[$0] }
    }

    /// Whether any name is one for TCP, which TLS's server name decides about.
    func servesTCP() -> Bool {
        refresh()
        return hasTCPNames
    }

    func currentRoutes() -> [Route] {
        refresh()
        return table.routes
    }

    /// The routes without those of owners that have ended since the last change of the file.
    func liveRoutes() -> [Route] {
        refresh()
        let now = NIODeadline.now()
        guard let source, now >= nextOwnerCheck else { return table.routes }
        nextOwnerCheck = now + Self.ownerCheckPause
        for owner in Set(table.routes.map(\.owner)) { source.forgetIfEnded(owner) }
        return currentRoutes()
    }

    /// Closes pooled connections that no request uses; false where there were none.
    func closeIdleConnections() -> Bool {
        let isServerIdle = server?.closeIdleConnections() ?? false
        return known.values.reduce(isServerIdle) { $1.closeIdleConnections() || $0 }
    }

    func close() {
        server?.close()
        for upstream in known.values { upstream.close() }
        known.removeAll()
        upstreams.removeAll()
        table = .empty
    }

    private func refresh() {
        guard let source else { return }
        let latest = source.current()
        if latest !== table { adopt(latest) }
    }

    private func adopt(_ latest: RouteTable) {
        var kept: [Key: Upstream] = [:]
        upstreams = latest.routes.map { route in
            let key = Key(
                port: route.port,
                owner: route.owner,
                upstreamProtocol: route.upstreamProtocol,
                heldBy: route.heldBy,
                upstreamHost: route.upstreamHost,
            )
            let upstream = kept[key] ?? known[key] ?? Upstream(.app(route), loop: loop)
            kept[key] = upstream
            return upstream
        }
        let gone = known.filter { kept[$0.key] == nil }.values
        known = kept
        table = latest
        hasTCPNames = latest.routes.contains { $0.upstreamProtocol == .tcp }
        // Last, because requests that wait at an upstream ask for routes again.
        for upstream in gone {
            let name = Array(upstream.name.utf8)
            let successor = table.index(forAuthority: name.span).map { upstreams[$0] }
            upstream.close(successor: successor)
        }
    }
}
