import HostSystem
import SystemPackage

/// The apps that start on request, in `on-request.json` of the state directory.
///
/// The server writes it; the proxy reads the names in it, and only for requests without a route.
package struct OnRequestApps: Hashable, Sendable {
    package var names: [StartableName] = []
    package var records: [AppName: StartRecord] = [:]

    package init() {}

    /// Reads what `json` wrote, as far as it is understood.
    package init(json: JSONValue) {
        for (name, value) in json["names"]?.object?.members ?? [] {
            guard let hostname = Hostname(name),
                let app = value["app"]?.string.flatMap({ try? AppName(parsing: $0) })
            else { continue }
            let isForVisits = value["visits"]?.bool ?? false
            names.append(StartableName(hostname: hostname, app: app, isForVisits: isForVisits))
        }
        for (name, value) in json["apps"]?.object?.members ?? [] {
            guard let app = try? AppName(parsing: name) else { continue }
            records[app] = try? JSONCodec<StartRecord>.startRecord.read(value, name)
        }
    }

    package var json: JSONValue {
        var names = JSONObject()
        for name in self.names {
            var entry: JSONObject = ["app": .string(name.app.description)]
            if name.isForVisits { entry["visits"] = .bool(true) }
            names[name.hostname.description] = .object(entry)
        }
        var apps = JSONObject()
        for (app, record) in records.sorted(by: { $0.key < $1.key }) {
            apps[app.description] = JSONCodec<StartRecord>.startRecord.write(record)
        }
        return .object(["names": .object(names), "apps": .object(apps)])
    }
}

extension StateDirectory {
    /// Empty where there is none, or none that can be understood: the server writes a new one.
    package func onRequestApps() -> OnRequestApps {
        guard let text = try? text(of: .onRequest), let json = try? JSONValue(parsing: text.utf8)
        else { return OnRequestApps() }
        return OnRequestApps(json: json)
    }

    package func write(_ apps: OnRequestApps) throws {
        try write(apps.json.formatted + "\n", to: self[.onRequest])
    }
}

/// A name whose first request starts an app.
package struct StartableName: Hashable, Sendable {
    package var hostname: Hostname
    package var app: AppName
    /// Whether a page that is still open doesn't start it.
    package var isForVisits: Bool

    package init(hostname: Hostname, app: AppName, isForVisits: Bool = false) {
        self.hostname = hostname
        self.app = app
        self.isForVisits = isForVisits
    }
}

/// The names whose first request starts an app, found as routes are.
package final class StartableNames: Sendable {
    package let names: [StartableName]
    private let table: RouteTable

    package static let none = StartableNames([], usesWildcards: false)

    package init(_ names: [StartableName], usesWildcards: Bool) {
        self.names = names
        // Only the names count: there is no port yet.
        let port: Port = 1
        let routes = names.map { Route(hostname: $0.hostname, port: port, owner: .alias) }
        table = RouteTable(routes: routes, usesWildcards: usesWildcards)
    }

    package func name(forAuthority authority: Span<UInt8>) -> StartableName? {
        names.isEmpty ? nil : table.index(forAuthority: authority).map { names[$0] }
    }
}

/// The proxy's view of `on-request.json`: always fresh, at the cost of one `stat` while it is
/// unchanged.
///
/// Not to be shared between threads; each event loop has its own.
package final class StartableNamesFile {
    private let directory: StateDirectory
    private let usesWildcards: Bool
    private var names = StartableNames.none
    private var seen: FileStatus?
    /// Whether the file may have changed since without a change of its status.
    private var isRacy = false

    package init(directory: StateDirectory, usesWildcards: Bool) {
        self.directory = directory
        self.usesWildcards = usesWildcards
    }

    package func current() -> StartableNames {
        let status = try? FileStatus.of(directory[.onRequest])
        guard status != seen || isRacy else { return names }
        isRacy =
            status.map { status in
                SystemClock.now.saturatingSubtract(status.changed)
                    < RoutesFile.clockTick(of: status)
            } ?? false
        seen = status
        let new = status == nil ? [] : directory.onRequestApps().names
        if new != names.names { names = StartableNames(new, usesWildcards: usesWildcards) }
        return names
    }
}
