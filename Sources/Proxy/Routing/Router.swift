import NIOCore
import PortlessCore

/// Finds the upstream for an authority, and keeps each upstream while its route lives.
///
/// Confined to its event loop.
final class Router {
    private struct Key: Hashable {
        let port: Port
        let owner: Route.Owner
        let upstreamProtocol: Route.UpstreamProtocol
    }

    private let source: any RouteSource
    private unowned let loop: ProxyLoop
    private var table = RouteTable.empty
    /// Parallel to the table's routes.
    private var upstreams: [Upstream] = []
    private var known: [Key: Upstream] = [:]

    init(source: any RouteSource, loop: ProxyLoop) {
        self.source = source
        self.loop = loop
    }

    func upstream(for authority: Span<UInt8>) -> Upstream? {
        refresh()
        if loop.configuration.backend != nil { return upstreams.first }
        return table.index(forAuthority: authority).map { upstreams[$0] }
    }

    func currentRoutes() -> [Route] {
        refresh()
        return table.routes
    }

    /// Closes pooled connections to apps that no request uses; false where there were none.
    func closeIdleConnections() -> Bool {
        known.values.reduce(false) { $1.closeIdleConnections() || $0 }
    }

    func close() {
        for upstream in known.values { upstream.close() }
        known.removeAll()
        upstreams.removeAll()
        table = .empty
    }

    private func refresh() {
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
            )
            let upstream = kept[key] ?? known[key] ?? Upstream(route: route, loop: loop)
            kept[key] = upstream
            return upstream
        }
        let gone = known.filter { kept[$0.key] == nil }.values
        known = kept
        table = latest
        // Last, because whoever waits at one of them asks for routes again.
        for upstream in gone {
            let name = Array(upstream.route.hostname.description.utf8)
            let successor = table.index(forAuthority: name.span).map { upstreams[$0] }
            upstream.close(successor: successor)
        }
    }
}
