import HostSystem
import PortlessCore
import Runner
import Server

extension CommandContext {
    /// The apps that are registered or were brought up.
    func catalog() throws -> AppCatalog {
        let directory = try stateDirectory()
        return AppCatalog(
            registered: try AppRegistry(directory: directory).list(),
            supervised: StoredApps.list(in: directory),
        )
    }

    /// The shape of `GET /api/apps`.
    func json(of apps: [CatalogApp]) throws -> [JSONValue] {
        let routes = try RoutesStore(directory: stateDirectory()).list().compactMap(\.route)
        let now = SystemClock.now / 1_000_000
        return apps.map { $0.json(routes: routes, now: now) }
    }

    /// One registered app in that shape.
    func json(of app: RegisteredApp) throws -> JSONValue {
        let known = try catalog().apps.first { $0.registered?.id == app.id }
        return try json(of: [known ?? CatalogApp(registered: app)])[0]
    }
}
