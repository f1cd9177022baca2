import PortlessCore
import Proxy

/// The routes file as the proxy's event loop sees it, indexed again only where it has changed.
final class RoutesFileSource: RouteSource {
    private let file: RoutesFile
    private let usesWildcards: Bool
    private var snapshot: RoutesSnapshot?
    private var table = RouteTable.empty

    init(file: RoutesFile, usesWildcards: Bool) {
        self.file = file
        self.usesWildcards = usesWildcards
    }

    func current() -> RouteTable {
        let current = file.current()
        if current !== snapshot {
            snapshot = current
            table = RouteTable(routes: current.routes, usesWildcards: usesWildcards)
        }
        return table
    }
}
