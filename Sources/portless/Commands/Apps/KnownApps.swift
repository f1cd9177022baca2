import HostSystem
import PortlessCore
import Runner
import Server
import SystemPackage

/// The apps of a state directory: those that are registered and those that were brought up.
struct KnownApps {
    let directory: StateDirectory

    init(_ context: CommandContext) throws {
        directory = try context.stateDirectory()
    }

    func catalog() throws -> AppCatalog {
        AppCatalog(
            registered: try AppRegistry(directory: directory).list(),
            supervised: StoredApps.list(in: directory),
        )
    }

    /// The one registered app of this name or id.
    func registered(_ text: String?, usage: String) throws -> RegisteredApp {
        guard let text else { throw Failure("No app is named.", remedy: "Usage: \(usage)") }
        let found = try AppRegistry(directory: directory).find(text)
        guard let app = found.first else {
            throw Failure(
                "No app \"\(text)\" is registered.",
                remedy: "`portless apps` shows those that are; `portless apps add <dir>` adds one.",
            )
        }
        guard found.count == 1 else {
            let list = found.map { "\($0.id) (\($0.directory?.string ?? "no folder"))" }
            throw Failure(
                "Several apps are called \"\(text)\".",
                remedy: "Name one by its id: \(list.joined(separator: ", "))",
            )
        }
        return app
    }

    /// The shape of `GET /api/apps`.
    func json(of apps: [CatalogApp]) throws -> [JSONValue] {
        let routes = try RoutesStore(directory: directory).list().compactMap(\.route)
        let now = Timestamp.now
        return apps.map { $0.json(routes: routes, now: now) }
    }

    /// One registered app in that shape.
    func json(of app: RegisteredApp) throws -> JSONValue {
        let known = try catalog().apps.first { $0.registered?.id == app.id }
        return try json(of: [known ?? CatalogApp(registered: app)])[0]
    }
}
