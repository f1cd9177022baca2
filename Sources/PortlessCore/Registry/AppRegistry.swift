import HostSystem
package import SystemPackage

/// The apps that the user has registered, in `apps.json` of the state directory.
package struct AppRegistry: Sendable {
    package enum Failure: Error, Hashable, CustomStringConvertible {
        case unreadable(FilePath, reason: String)
        /// The directory is another app's.
        case taken(FilePath, name: String, id: String)
        /// The file couldn't be read any more after the change.
        case tooLarge(FilePath, reason: String)

        package var description: String {
            switch self {
            case .unreadable(let path, let reason):
                """
                The apps in \(path) can't be understood: \(reason). \
                Repair the file, or delete it and add the apps again.
                """
            case .taken(let path, let name, let id):
                """
                \(path) is registered already, as \(name) (\(id)). \
                Change that one, or remove it first.
                """
            case .tooLarge(let path, let reason):
                "The change doesn't fit into \(path): \(reason)."
            }
        }
    }

    package let directory: StateDirectory

    package init(directory: StateDirectory) {
        self.directory = directory
    }

    package var path: FilePath { directory[.registeredApps] }

    /// All apps by name.
    package func list() throws -> [RegisteredApp] {
        Self.apps(in: try read()).sorted { ($0.name, $0.id) < ($1.name, $1.id) }
    }

    /// The apps of this id or name.
    package func find(_ text: String) throws -> [RegisteredApp] {
        try list().filter { $0.id == text || $0.name.lowercased() == text.lowercased() }
    }

    /// How a folder's app starts: as its user has set, else as `project`, its own files' setting,
    /// says.
    package func onRequest(
        in folder: FilePath,
        otherwise project: OnRequest?,
    ) throws -> OnRequest? {
        let app = try list().first { $0.directory == folder }
        return app.map { $0.onRequest(otherwise: project) } ?? project
    }

    /// Stores an app; one of the same directory is replaced, and keeps its id and unknown fields.
    @discardableResult
    package func add(_ app: RegisteredApp) throws -> RegisteredApp {
        try change { apps in
            let old = apps.first { $0.directory == app.directory && app.directory != nil }
            var stored = RegisteredApp(id: old?.id ?? app.id, record: old?.record ?? [:])
            for member in app.record.members
            where old?.record[member.key] == nil || !Self.keptFields.contains(member.key) {
                stored.record[member.key] = member.value
            }
            apps.removeAll { $0.id == stored.id }
            apps.append(stored)
            return stored
        }
    }

    /// Stores an app of a directory that no other app has.
    package func insert(_ app: RegisteredApp) throws {
        try change { apps in
            apps.append(app)
            try Self.checkDirectory(of: app, in: apps)
        }
    }

    /// Throws if an app has the directory.
    package func checkIsFree(_ directory: FilePath) throws {
        let app = RegisteredApp(id: "", record: ["repoPath": .string(directory.string)])
        try Self.checkDirectory(of: app, in: try list())
    }

    /// Changes an app; nil where there is none of this id.
    package func update(
        id: String,
        _ body: (inout RegisteredApp) throws -> Void,
    ) throws -> RegisteredApp? {
        try change { apps in
            guard let index = apps.firstIndex(where: { $0.id == id }) else { return nil }
            let old = apps[index].directory
            try body(&apps[index])
            if apps[index].directory != old { try Self.checkDirectory(of: apps[index], in: apps) }
            return apps[index]
        }
    }

    private static func checkDirectory(
        of app: RegisteredApp,
        in apps: [RegisteredApp],
    ) throws(Failure) {
        guard let directory = app.directory,
            let other = apps.first(where: { $0.id != app.id && $0.directory == directory })
        else { return }
        throw .taken(directory, name: other.name, id: other.id)
    }

    /// Forgets an app; its files and processes are left alone.
    @discardableResult
    package func remove(id: String) throws -> RegisteredApp? {
        try change { apps in
            let removed = apps.first { $0.id == id }
            apps.removeAll { $0.id == id }
            return removed
        }
    }

    /// Fields that a project's files don't set, or that the user may have changed.
    private static let keptFields = RegisteredApp.settings.union([
        "createdAt", "archived", "tlsPort",
    ])

    private func change<Result>(_ body: (inout [RegisteredApp]) throws -> Result) throws -> Result {
        try FileLock.withLock(at: directory[.registeredAppsLock], owner: directory.owner) {
            var json = try read()
            let before = Self.apps(in: json)
            var apps = before
            let result = try body(&apps)
            // An unchanged file is not written, so that watchers see no event.
            guard apps != before else { return result }
            var entries = JSONObject()
            for app in apps { entries[app.id] = .object(app.record) }
            json["apps"] = .object(entries)
            let text = JSONValue.object(json).formatted + "\n"
            do {
                _ = try JSONValue(parsing: text.utf8)
            } catch let error as JSONSyntaxError {
                throw Failure.tooLarge(path, reason: error.reason)
            }
            try directory.write(text, to: path)
            return result
        }
    }

    private static func apps(in json: JSONObject) -> [RegisteredApp] {
        (json["apps"]?.object?.members ?? []).compactMap { id, value in
            value.object.map { RegisteredApp(id: id, record: $0) }
        }
    }

    private func read() throws -> JSONObject {
        guard let text = try directory.text(of: path) else { return ["apps": .object([:])] }
        do {
            guard let json = try JSONValue(parsing: text.utf8).object else {
                throw Failure.unreadable(path, reason: "it has to be an object")
            }
            let isValid = json["apps"]?.object?.members.allSatisfy { $0.value.object != nil }
            guard json["apps"] == nil || isValid == true else {
                throw Failure.unreadable(path, reason: "\"apps\" has to hold objects")
            }
            return json
        } catch let error as JSONSyntaxError {
            throw Failure.unreadable(path, reason: error.description)
        }
    }
}
