package import SystemPackage

/// An app as `apps.json` keeps it; fields that this version doesn't know survive.
package struct RegisteredApp: Hashable, Sendable {
    package let id: String
    package var record: JSONObject

    package init(id: String, record: JSONObject) {
        self.id = id
        self.record = record
    }

    /// A new app with the processes that its files declare.
    package init(
        id: String,
        name: String,
        directory: FilePath,
        processes: [DetectedProcess],
        pm2Home: String? = nil,
        now: String,
    ) {
        self.id = id
        record = [
            "name": .string(name),
            "repoPath": .string(directory.string),
            "uiPort": Self.json(processes.uiPort),
            "devUiPort": Self.json(processes.port("devUi")),
            "apiPort": Self.json(processes.port("api")),
            "tlsPort": .null,
            "pm2ProcessNames": .array(processes.map { .string($0.name) }),
            "processes": .array(
                processes.map { process in
                    .object([
                        "name": .string(process.name),
                        "port": Self.json(process.port),
                        "ports": process.portsJSON,
                        "sources": .array(process.sources.map(\.json)),
                    ])
                }
            ),
            "pm2Home": pm2Home.map { .string($0) } ?? .null,
            "archived": .bool(false),
            "createdAt": .string(now),
            "updatedAt": .string(now),
        ]
    }

    /// Adopts the processes and ports that the app's files declare now.
    ///
    /// Name and settings stay, and so do ports that no file has declared: they are the user's own. If
    /// nothing is declared, nothing changes.
    package mutating func refresh(processes new: [DetectedProcess], pm2Home: String?) {
        guard !new.isEmpty else { return }
        let fresh = RegisteredApp(
            id: id,
            name: name,
            directory: "/",
            processes: new,
            pm2Home: pm2Home,
            now: "",
        )
        .record
        let declared = Set(processes.flatMap { $0.ports.map(\.port) })
        for key in ["uiPort", "devUiPort", "apiPort"] {
            let stored = record[key]?.integer.flatMap { Port($0) }
            let isOwn = stored.map { !declared.contains($0) } ?? false
            if !isOwn || fresh[key] != .null { record[key] = fresh[key] }
        }
        for key in ["pm2ProcessNames", "processes", "pm2Home"] { record[key] = fresh[key] }
    }

    private static func json(_ port: Port?) -> JSONValue {
        port.map { .integer($0.number) } ?? .null
    }

    package var name: String { record["name"]?.string ?? id }

    package var directory: FilePath? { record["repoPath"]?.string.map { FilePath($0) } }

    /// The processes with their labeled ports, without values that are no port.
    package var processes: [DetectedProcess] {
        (record["processes"]?.array ?? []).compactMap { entry in
            guard let name = entry["name"]?.string else { return nil }
            var ports = (entry["ports"]?.object?.members ?? []).compactMap { label, value in
                value.integer.flatMap { Port($0) }.map {
                    DetectedProcess.LabeledPort(label: label, port: $0)
                }
            }
            // The original also keeps processes with a port that has no label.
            if ports.isEmpty, let port = entry["port"]?.integer.flatMap({ Port($0) }) {
                ports = [.init(label: "api", port: port)]
            }
            let sources = (entry["sources"]?.array ?? []).compactMap { PortSource($0) }
            return DetectedProcess(name: name, ports: ports, sources: sources)
        }
    }

    /// The shape of `GET /api/apps`, with its endpoints and names.
    package func json(names: [(label: String, name: Hostname)]) -> JSONValue {
        var object: JSONObject = ["id": .string(id)]
        for member in record.members where member.key != "id" { object[member.key] = member.value }
        object["endpoints"] = .array(
            processes.flatMap { process in
                process.ports.map { labeled in
                    .object([
                        "process": .string(process.name),
                        "label": .string(labeled.label),
                        "port": .integer(labeled.port.number),
                    ])
                }
            }
        )
        object["names"] = .array(
            names.map {
                .object(["label": .string($0.label), "name": .string($0.name.description)])
            }
        )
        return .object(object)
    }
}

extension [DetectedProcess] {
    /// The first process's port with the label.
    package func port(_ label: String) -> Port? {
        lazy.compactMap { $0.port(label) }.first
    }

    /// The port for the browser in production: the UI's, or the API's if only a development server
    /// has a UI.
    fileprivate var uiPort: Port? {
        port("ui") ?? (port("devUi") == nil ? nil : port("api"))
    }
}

extension DetectedProcess {
    /// The process with its ports, as the original's list of apps shows it.
    package var portText: String {
        switch ports.count {
        case 0: name
        case 1: "\(name):\(ports[0].port)"
        default:
            "\(name) (" + ports.map { "\($0.label):\($0.port)" }.joined(separator: ",") + ")"
        }
    }
}

extension RegisteredApp {
    /// How the app starts: as its user has set, else as `project`, its own files' setting, says.
    package func onRequest(otherwise project: OnRequest?) -> OnRequest? {
        let mode = record["start"]?.string.flatMap(OnRequest.Mode.init(rawValue:))
        guard mode ?? (project == nil ? .manual : .onRequest) == .onRequest else { return nil }
        guard let text = record["idle"]?.string else { return OnRequest(idle: project?.idle) }
        return OnRequest(idle: OnRequest.idle(text))
    }
}

extension RegisteredApp {
    /// The fields besides ports that the original stores, which the user may have changed.
    static let settings: Set = [
        "description", "type", "buildCommand", "startCommands", "nativeLaunch", "envFile", "icon",
        "appIconPath", "editorCommand", "start", "idle",
    ]

    /// Sets these fields from the answer of `POST /api/detect/repo` for the app's folder.
    package mutating func describe(_ repository: JSONValue) {
        let scripts = repository["packageJson"]?["scripts"]?.object ?? [:]
        record["description"] = .string("")
        record["type"] = repository["type"] ?? .string("unknown")
        record["buildCommand"] = .string(scripts["build"] == nil ? "" : "npm run build")
        record["startCommands"] = repository["startCommands"] ?? .array([])
        record["nativeLaunch"] = .null
        record["envFile"] = .string(".env")
        record["icon"] = .null
        record["appIconPath"] = .null
        record["editorCommand"] = .string("code .")
    }
}

/// Random identifiers.
package enum UniqueID {
    /// A UUID of version 4 (RFC 9562 section 5.4) in lower case.
    package static func make() -> String {
        var bytes = (0..<16).map { _ in UInt8.random(in: 0...255) }
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        let ends = [4, 6, 8, 10, 16]
        return zip([0] + ends, ends).map { bytes[$0..<$1].hexadecimal }.joined(separator: "-")
    }
}
