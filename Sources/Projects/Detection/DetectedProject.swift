package import PortlessCore

/// The ports that a project's own files declare.
package struct DetectedProject: Hashable, Sendable {
    package var name: String
    /// The name for the process of the project's own scripts.
    package var processName: String
    var isNameConfigured = false
    /// The files that were read.
    var files: [String] = []
    package var processes: [DetectedProcess]
    /// Further servers of scripts, whose ports aren't known.
    package var withoutPort: [DetectedProcess] = []
    /// Ports of services that the project uses but doesn't start: databases, brokers, mail servers.
    package var dependencies: [DetectedDependency]
    package var unresolved: [Unresolved]
    /// The declarations of other files in directories where a process manager's file decides; only
    /// the port check uses them.
    package var unmanaged: [DetectedProcess]
    /// Processes of scripts that start the servers of other packages, with their ports: who runs
    /// such a script runs those `processes`.
    package var delegating: [DetectedProcess] = []
    /// The `PM2_HOME` that the project sets, if any.
    package var pm2Home: String?

    package init(
        name: String,
        processes: [DetectedProcess] = [],
        dependencies: [DetectedDependency] = [],
        unresolved: [Unresolved] = [],
        unmanaged: [DetectedProcess] = [],
        pm2Home: String? = nil,
    ) {
        self.name = name
        processName = name
        self.processes = processes
        self.dependencies = dependencies
        self.unresolved = unresolved
        self.unmanaged = unmanaged
        self.pm2Home = pm2Home
    }

    /// The files that can't be parsed.
    package var malformed: [Unresolved] { unresolved.filter(\.isMalformed) }
}

/// A port that a project connects to, or publishes for a database or broker.
package struct DetectedDependency: Hashable, Sendable {
    package var name: String
    package var port: Port
    package var location: SourceLocation
    /// Whether a compose file starts it and publishes the port.
    var isPublished = false

    package init(name: String, port: Port, location: SourceLocation) {
        self.name = name
        self.port = port
        self.location = location
    }
}

extension DetectedProject {
    /// The answer of `portless ports detect --json`.
    package var json: JSONValue {
        .object([
            "name": .string(name),
            "processes": .array(processes.map(\.json)),
            "withoutPort": .array(withoutPort.map(\.json)),
            "dependencies": .array(dependencies.map(\.json)),
            "unresolved": .array(unresolved.map(\.json)),
        ])
    }
}

extension DetectedProcess {
    package var json: JSONValue {
        .object([
            "name": .string(name),
            "port": port.map { .integer($0.number) } ?? .null,
            "ports": portsJSON,
            "sources": .array(sources.map(\.json)),
        ])
    }
}

extension DetectedDependency {
    package var json: JSONValue {
        .object([
            "name": .string(name),
            "port": .integer(port.number),
            "file": .string(location.file),
            "line": .integer(location.line),
        ])
    }
}

extension Unresolved {
    package var json: JSONValue {
        .object([
            "file": .string(file),
            "line": .integer(line),
            "reason": .string(reason),
        ])
    }
}

extension DetectedProcess {
    /// A row for each port under each label, with all places that declare it.
    fileprivate var rows: [[String]] {
        var rows: [[String]] = []
        var known: [LabeledPort: Int] = [:]
        for source in sources {
            let place = "\(source.location.file):\(source.location.line)"
            let remark = remark(on: source)
            if let row = known[.init(label: source.label, port: source.port)] {
                rows[row][3] += ", \(place)"
                if rows[row][4].isEmpty { rows[row][4] = remark }
                continue
            }
            known[.init(label: source.label, port: source.port)] = rows.count
            rows.append([name, source.label, source.port.description, place, remark])
        }
        return rows.isEmpty ? [[name, "", "", "", ""]] : rows
    }

    /// The comment beside a port, or the other port that takes precedence.
    fileprivate func remark(on source: PortSource) -> String {
        if let counting = port(source.label), counting != source.port {
            return "\(counting) counts"
        }
        return source.description?.shortened(to: 80) ?? ""
    }
}

extension DetectedProject {
    /// How much of a reason is printed: it may quote the file.
    private static let width = 160

    /// Says in which files no port is declared.
    package func whyEmpty(in folder: String) -> String {
        let shown = files.prefix(8).joined(separator: ", ")
        let more = files.count > 8 ? " and \(files.count - 8) more" : ""
        guard !files.isEmpty else {
            return "No ports are declared in \(folder), as far as its files are read."
        }
        return "No ports are declared in these files of \(folder): \(shown)\(more)."
    }

    /// Whether the files give any process a port.
    package var declaresPorts: Bool { processes.contains { !$0.sources.isEmpty } }

    /// What `portless ports detect` prints for people.
    package var text: String {
        let rows = (processes + withoutPort).flatMap(\.rows)
        let header = ["PROCESS", "LABEL", "PORT", "DECLARED", "DESCRIPTION"]
        var parts = declaresPorts ? [TextTable(header: header, rows: rows).text] : []
        if !dependencies.isEmpty {
            let rows = dependencies.map { dependency in
                [
                    dependency.name, dependency.port.description,
                    "\(dependency.location.file):\(dependency.location.line)",
                ]
            }
            parts.append(TextTable(header: ["DEPENDENCY", "PORT", "DECLARED"], rows: rows).text)
        }
        if !unresolved.isEmpty {
            let lines = unresolved.map { problem in
                let reason = problem.reason.shortened(to: Self.width)
                return "\(problem.file):\(problem.line): \(reason)"
            }
            parts.append("Not resolved:\n" + lines.joined(separator: "\n"))
        }
        return parts.joined(separator: "\n\n")
    }
}
