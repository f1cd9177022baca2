package import SystemPackage

/// An app as `apps.json` keeps it; fields that this version doesn't know survive.
package struct RegisteredApp: Hashable, Sendable {
    package let id: String
    package var record: JSONObject

    package init(id: String, record: JSONObject) {
        self.id = id
        self.record = record
    }

    /// A new app from what was detected in its directory.
    package init(id: String, directory: FilePath, detected: DetectedProject, now: String) {
        self.id = id
        record = [
            "name": .string(detected.name),
            "repoPath": .string(directory.string),
            "uiPort": Self.json(detected.uiPort),
            "devUiPort": Self.json(detected.port("devUi")),
            "apiPort": Self.json(detected.port("api")),
            "tlsPort": .null,
            "pm2ProcessNames": .array(detected.processes.map { .string($0.name) }),
            "processes": .array(
                detected.processes.map { process in
                    .object([
                        "name": .string(process.name),
                        "port": Self.json(process.port),
                        "ports": process.portsJSON,
                        "sources": .array(process.sources.map(\.json)),
                    ])
                }
            ),
            "pm2Home": detected.pm2Home.map { .string($0) } ?? .null,
            "archived": .bool(false),
            "createdAt": .string(now),
            "updatedAt": .string(now),
        ]
    }

    private static func json(_ port: Port?) -> JSONValue {
        port.map { .integer($0.number) } ?? .null
    }

    package var name: String { record["name"]?.string ?? id }

    package var directory: FilePath? { record["repoPath"]?.string.map { FilePath($0) } }

    /// The processes with their labeled ports; what is no port is left out.
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
