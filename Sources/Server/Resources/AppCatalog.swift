package import PortlessCore
import SystemPackage

/// An app in the API: registered, brought up, or both.
package struct CatalogApp: Sendable {
    package var registered: RegisteredApp?
    package var supervised: SupervisedApp?

    package init(registered: RegisteredApp? = nil, supervised: SupervisedApp? = nil) {
        self.registered = registered
        self.supervised = supervised
    }

    package var id: String { registered?.id ?? supervised?.name.description ?? "" }
    package var name: String { registered?.name ?? supervised?.name.description ?? "" }

    var directory: FilePath? { supervised?.directory ?? registered?.directory }

    /// The running app, with this process if one is named.
    func broughtUp(_ process: String? = nil) throws(Problem) -> SupervisedApp {
        if let supervised, process.map({ supervised.process($0) != nil }) ?? true {
            return supervised
        }
        throw Problem(
            409,
            code: "NEVER_UP",
            "\(name) was never brought up. `portless up` in its folder does that.",
        )
    }

    /// The names of its processes: the registered ones, then the others that were brought up.
    var processNames: [String] {
        var names = registered?.processes.map(\.name) ?? []
        for process in supervised?.processes ?? [] where !names.contains(process.name) {
            names.append(process.name)
        }
        return names
    }
}

/// Joins the registry with the apps that were brought up.
package struct AppCatalog: Sendable {
    package let apps: [CatalogApp]

    /// Each folder is one app, unless it was brought up under several names.
    package init(registered: [RegisteredApp], supervised: [SupervisedApp]) {
        var rest = supervised
        var apps = registered.map { app in
            let candidates = rest.indices.filter { rest[$0].directory == app.directory }
            let index =
                candidates.first { rest[$0].name.description == app.name.lowercased() }
                ?? candidates.first
            return CatalogApp(registered: app, supervised: index.map { rest.remove(at: $0) })
        }
        apps += rest.map { CatalogApp(supervised: $0) }
        self.apps = apps.sorted { ($0.name, $0.id) < ($1.name, $1.id) }
    }

    /// The app with this id, or else with this name.
    func app(_ text: String) throws(Problem) -> CatalogApp {
        if let exact = apps.first(where: { $0.id == text }) { return exact }
        let named = apps.filter {
            $0.name.lowercased() == text.lowercased()
                || $0.supervised?.name.description == text.lowercased()
        }
        guard let app = named.first else { throw .notFound("There is no app \"\(text)\".") }
        guard named.count == 1 else {
            let ids = named.map(\.id).joined(separator: ", ")
            throw Problem(
                409,
                code: "AMBIGUOUS",
                "Several apps are called \"\(text)\". Use an id: \(ids).",
            )
        }
        return app
    }
}
