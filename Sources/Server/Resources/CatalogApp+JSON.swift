package import HostSystem
package import PortlessCore
import SystemPackage

extension CatalogApp {
    /// An item of `GET /api/apps`.
    package func json(routes: [Route], now: Timestamp) -> JSONValue {
        let app = registered ?? Self.record(of: supervised)
        let processes = app.processes
        var object = app.json(names: names(processes, routes)).object ?? [:]
        if object["processes"]?.array == nil { object["processes"] = .array([]) }
        derivePorts(processes, &object)
        var statuses = JSONObject()
        for name in processNames { statuses[name] = status(of: name, now: now) }
        object["pm2Status"] = .object(statuses)
        object["overallStatus"] = .string(overallStatus)
        object["degraded"] = .bool(overallStatus == ProcessState.unknown.rawValue)
        object["supervised"] = supervised?.json ?? .null
        let scripts = AppScripts(of: app)
        object["hasDeployScript"] = .bool(scripts.hasDeployScript)
        object["xcodeScripts"] = scripts.xcodeJSON
        return .object(object)
    }

    /// The state, under the original's name where it has one.
    package var overallStatus: String {
        guard let supervised else { return "not_started" }
        if supervised.problem != nil { return ProcessState.unknown.rawValue }
        return supervised.state == .notStarted ? "not_started" : supervised.state.rawValue
    }

    /// A process in the shape of PM2's list.
    func status(of name: String, now: Timestamp) -> JSONValue {
        let index = supervised?.processes.firstIndex { $0.name == name }
        guard let index, let process = supervised?.processes[index] else {
            return .object([
                "name": .string(name), "status": .string("not_found"), "pm2_env": .null,
            ])
        }
        let isRunning = process.identity != nil
        let uptime = process.startedAt?.duration(to: now) ?? .zero
        let status = process.state == .notStarted ? "not_started" : process.state.rawValue
        return .object([
            "name": .string(name),
            "status": .string(status),
            "pid": process.pid.map { .integer($0) } ?? .null,
            "pm_id": .integer(index),
            "cpu": isRunning ? process.cpu.map { .decimal($0) } ?? .null : .integer(0),
            "memory": isRunning ? process.memory.map { .integer($0) } ?? .null : .integer(0),
            "uptime": .integer(isRunning ? max(uptime, .zero).milliseconds : 0),
            "restarts": .integer(process.restarts),
            "unstableRestarts": .integer(process.unstableRestarts),
        ])
    }

    /// The names that lead to the app's ports.
    private func names(
        _ processes: [DetectedProcess],
        _ routes: [Route],
    ) -> [(label: String, name: Hostname)] {
        var labels: [Port: String] = [:]
        let supervisedPorts = supervised?.processes.flatMap(\.ports) ?? []
        for labeled in supervisedPorts + processes.flatMap(\.ports) {
            labels[labeled.port] = labels[labeled.port] ?? labeled.label
        }
        for process in supervised?.processes ?? [] {
            if let port = process.primaryPort { labels[port] = labels[port] ?? "app" }
        }
        return routes.compactMap { route in
            route.port.flatMap { labels[$0] }.map { (label: $0, name: route.hostname) }
        }
    }

    /// The stored port, else that of the first process with the label; a UI that the API serves has
    /// the API's port.
    private func derivePorts(_ processes: [DetectedProcess], _ object: inout JSONObject) {
        func port(_ label: String) -> JSONValue? {
            processes.lazy.compactMap { $0.port(label) }.first.map { .integer($0.number) }
        }
        for (key, label) in [("uiPort", "ui"), ("apiPort", "api"), ("devUiPort", "devUi")]
        where object[key] == nil || object[key] == .null {
            object[key] = port(label) ?? .null
        }
        let hasOwnUI = object["uiPort"] != .null
        if !hasOwnUI, object["devUiPort"] != .null, let api = object["apiPort"] {
            object["uiPort"] = api
        }
    }

    /// The record that an unregistered app would get.
    private static func record(of supervised: SupervisedApp?) -> RegisteredApp {
        let name = supervised?.name.description ?? ""
        var app = RegisteredApp(
            id: name,
            name: name,
            directory: supervised?.directory ?? "/",
            processes: (supervised?.processes ?? []).map {
                DetectedProcess(name: $0.name, ports: $0.ports)
            },
            now: "",
        )
        app.record["createdAt"] = .null
        app.record["updatedAt"] = .null
        return app
    }
}
