import PortlessCore
import Synchronization

/// The names that are worth a certificate: routed ones, and those under them.
final class ServedNames: Sendable {
    private let routes: Mutex<RoutesFileSource>

    init(routes: sending RoutesFileSource) {
        self.routes = Mutex(routes)
    }

    func contains(_ name: Hostname) -> Bool {
        routes.withLock { $0.current().route(for: name) != nil }
    }
}
