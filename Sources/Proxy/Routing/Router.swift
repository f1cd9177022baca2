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

    /// The names that start an app; called only for requests that no route of their own takes.
    func startable() -> StartableNames
}

extension RouteSource {
    package func startable() -> StartableNames { .none }
}

/// The destination of a proxy's requests.
enum Destination {
    /// The apps that the routes name.
    case apps(any RouteSource)
    /// The server at a Unix domain socket, for every name.
    case socket(FilePath)
}

/// Finds the upstream for a request's authority and path, and keeps each upstream while its route lives.
///
/// Confined to its event loop.
final class Router {
    private struct Key: Hashable {
        let place: Route.Place
        let path: RoutePath?
        let owner: Route.Owner
        let upstreamProtocol: Route.UpstreamProtocol
        let heldBy: String?
        let upstreamHost: Hostname?
        let worktree: String?
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
    /// Upstreams without a route whose exchanges go on.
    private var retired: [Upstream] = []
    /// The upstreams of names without a route that start an app.
    private var sleeping: [Hostname: (name: StartableName, upstream: Upstream)] = [:]
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

    /// Where a request goes; `path` is its target in origin form, asked for only where it matters.
    func route(
        authority: Span<UInt8>,
        path: () -> [UInt8],
    ) -> Exchange.Admission<Upstream> {
        if let server { return .forward(to: server) }
        refresh()
        if table.usesWildcards, let index = table.index(forAuthority: authority),
            let upstream = sleepingUpstream(for: authority, under: index)
        {
            return .forward(to: upstream)
        }
        switch table.match(authority: authority, path: path) {
        case .none: return sleepingUpstream(for: authority).admission
        case .ambiguous: return .answer(.ambiguousPath)
        case .route(let index):
            guard upstreams[index].takesOwnerCheck() else {
                return .forward(to: upstreams[index])
            }
            source?.forgetIfEnded(table.routes[index].owner)
            refresh()
            return (match(authority, path) ?? sleepingUpstream(for: authority)).admission
        }
    }

    private func match(_ authority: Span<UInt8>, _ path: () -> [UInt8]) -> Upstream? {
        guard case .route(let index) = table.match(authority: authority, path: path) else {
            return nil
        }
        return upstreams[index]
    }

    /// The upstream of a name that starts an app; nil where it has none.
    private func sleepingUpstream(for authority: Span<UInt8>) -> Upstream? {
        guard let name = source?.startable().name(forAuthority: authority) else { return nil }
        if let known = sleeping[name.hostname], known.name == name { return known.upstream }
        let upstream = Upstream(.sleeping(name), loop: loop)
        let old = sleeping.updateValue((name, upstream), forKey: name.hostname)
        old?.upstream.close(successor: upstream)
        return upstream
    }

    /// The same, where it is nearer to the authority than the route that a wildcard led to.
    private func sleepingUpstream(for authority: Span<UInt8>, under index: Int) -> Upstream? {
        let parent = table.routes[index].hostname.description.utf8.count
        var length = 0
        while length < authority.count, authority[length] != UInt8(ascii: ":") { length += 1 }
        guard length > parent, let name = source?.startable().name(forAuthority: authority),
            name.hostname.description.utf8.count > parent
        else { return nil }
        return sleepingUpstream(for: authority)
    }

    /// Whether a request for the route's name starts its app.
    func startsOnRequest(_ route: Route) -> Bool {
        guard let names = source?.startable().names else { return false }
        return names.contains { $0.hostname == route.hostname }
    }

    /// How the ports of apps are used by this loop's clients.
    func uses() -> [PortUses.Use] {
        let now = NIODeadline.now()
        retired.removeAll { $0.openCount == 0 }
        return (known.values + retired).compactMap { upstream in
            upstream.route?.port.map { port in
                PortUses.Use(
                    port: port,
                    open: upstream.openCount,
                    idle: upstream.lastUse.map { .nanoseconds((now - $0).nanoseconds) },
                )
            }
        }
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
        for entry in sleeping.values { entry.upstream.close() }
        sleeping.removeAll()
        retired.removeAll()
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
                place: route.place,
                path: route.path,
                owner: route.owner,
                upstreamProtocol: route.upstreamProtocol,
                heldBy: route.heldBy,
                upstreamHost: route.upstreamHost,
                worktree: route.worktree,
            )
            let upstream = kept[key] ?? known[key] ?? Upstream(.app(route), loop: loop)
            kept[key] = upstream
            return upstream
        }
        let gone = known.filter { kept[$0.key] == nil }.values
        retired.removeAll { $0.openCount == 0 }
        known = kept
        table = latest
        hasTCPNames = latest.routes.contains { $0.upstreamProtocol == .tcp }
        // Last, because requests that wait at an upstream ask for routes again.
        for upstream in gone {
            let name = Array((upstream.route?.hostname.description ?? upstream.name).utf8)
            let path = Array((upstream.route?.path?.prefix ?? "/").utf8)
            let successor = match(name.span, { path })
            let heir = known.values.first { $0.route?.place == upstream.route?.place }
            heir?.inherit(upstream)
            upstream.close(successor: successor ?? sleepingUpstream(for: name.span))
            if upstream.openCount > 0 { retired.append(upstream) }
        }
        wake()
    }

    /// Hands the requests of apps that were started on to their routes.
    private func wake() {
        for (hostname, entry) in sleeping {
            // An app that has a part of the paths isn't the one that was started.
            let index = table.routes.firstIndex { $0.hostname == hostname && $0.path == nil }
            guard let index else { continue }
            sleeping[hostname] = nil
            entry.upstream.close(successor: upstreams[index])
        }
    }
}

extension Upstream? {
    fileprivate var admission: Exchange.Admission<Upstream> {
        map { .forward(to: $0) } ?? .answer(.notFound)
    }
}
