import Machine
import PortlessCore
import Proxy
import Synchronization

/// The routes file as the proxy's event loop sees it, indexed again only where it has changed.
final class RoutesFileSource: RouteSource {
    private let file: RoutesFile
    private let names: StartableNamesFile
    private let usesWildcards: Bool
    private var snapshot: RoutesSnapshot?
    private var table = RouteTable.empty

    init(file: RoutesFile, names: StartableNamesFile, usesWildcards: Bool) {
        self.file = file
        self.names = names
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

    func forgetIfEnded(_ owner: Route.Owner) {
        file.forgetIfEnded(owner)
    }

    func startable() -> StartableNames { names.current() }
}

/// Certificates of our own authority, minted for the names that are served.
struct MintedCertificates: CertificateSource {
    let cache: LeafCache

    func certificate(forServerName serverName: String?) throws -> ServerCertificate {
        try ServerCertificate(cache.leaf(for: serverName.flatMap { Hostname($0) }))
    }
}

/// The one certificate that the user brought along.
struct CustomCertificates: CertificateSource {
    let certificate: ServerCertificate

    func certificate(forServerName serverName: String?) -> ServerCertificate { certificate }
}

extension ServerCertificate {
    init(_ leaf: LeafCertificate) {
        self.init(chain: leaf.chain, privateKey: leaf.privateKey)
    }
}

/// The names that are worth a certificate: routed ones, those that start an app, and those under
/// them.
final class ServedNames: Sendable {
    private let routes: Mutex<RoutesFileSource>

    init(routes: sending RoutesFileSource) {
        self.routes = Mutex(routes)
    }

    func contains(_ name: Hostname) -> Bool {
        let bytes = Array(name.description.utf8)
        return routes.withLock { routes in
            routes.current().route(for: name) != nil
                || routes.startable().name(forAuthority: bytes.span) != nil
        }
    }
}
