/// One process of a project and the ports that it listens on.
package struct DetectedProcess: Hashable, Sendable {
    package struct LabeledPort: Hashable, Sendable {
        package var label: String
        package var port: Port

        package init(label: String, port: Port) {
            self.label = label
            self.port = port
        }
    }

    package var name: String
    /// The primary port: the first one of `ports`.
    package var port: Port?
    package var ports: [LabeledPort]
    /// Every declaration that was found, the strongest first.
    package var sources: [PortSource]
    /// Where the process runs, relative to the project's directory.
    package var directory: String

    package init(
        name: String,
        ports: [LabeledPort] = [],
        sources: [PortSource] = [],
        directory: String = "",
    ) {
        self.name = name
        self.port = ports.first?.port
        self.ports = ports
        self.sources = sources
        self.directory = directory
    }

    package func port(_ label: String) -> Port? { ports.first { $0.label == label }?.port }

    /// `{"api": 5570}`, as the registry stores it too.
    package var portsJSON: JSONValue {
        var object = JSONObject()
        for labeled in ports { object[labeled.label] = .integer(labeled.port.number) }
        return .object(object)
    }
}

/// One place in a project's files that gives a process a port.
package struct PortSource: Hashable, Sendable {
    package var label: String
    package var port: Port
    package var location: SourceLocation
    /// What kind of declaration it is, such as `env PORT` or `args --port`.
    package var rule: String
    /// The comment beside the port.
    package var description: String?
    /// The environment variable whose default this is.
    package var overriddenBy: String?

    package init(
        label: String,
        port: Port,
        location: SourceLocation,
        rule: String,
        description: String? = nil,
        overriddenBy: String? = nil,
    ) {
        self.label = label
        self.port = port
        self.location = location
        self.rule = rule
        self.description = description
        self.overriddenBy = overriddenBy
    }
}

extension PortSource {
    package var json: JSONValue {
        var object: JSONObject = [
            "label": .string(label),
            "port": .integer(port.number),
            "file": .string(location.file),
            "line": .integer(location.line),
            "rule": .string(rule),
        ]
        if let description { object["description"] = .string(description) }
        return .object(object)
    }

    /// Reads what `json` wrote; nil for anything else.
    init?(_ json: JSONValue) {
        guard let label = json["label"]?.string,
            let port = json["port"]?.integer.flatMap({ Port($0) }),
            let file = json["file"]?.string, let line = json["line"]?.integer,
            let rule = json["rule"]?.string
        else { return nil }
        self.init(
            label: label,
            port: port,
            location: SourceLocation(file: file, line: line),
            rule: rule,
            description: json["description"]?.string,
        )
    }
}

/// A place in a project's own files.
package struct SourceLocation: Hashable, Sendable {
    /// The file's path, relative to the project's directory.
    package var file: String
    /// Counted from one.
    package var line: Int
    /// The UTF-8 offsets of the literal itself; nil for a computed value.
    package var range: Range<Int>?

    package init(file: String, line: Int, range: Range<Int>? = nil) {
        self.file = file
        self.line = line
        self.range = range
    }
}

extension SourceLocation: Comparable {
    package static func < (lhs: SourceLocation, rhs: SourceLocation) -> Bool {
        (lhs.file, lhs.line, lhs.range?.lowerBound ?? 0)
            < (rhs.file, rhs.line, rhs.range?.lowerBound ?? 0)
    }
}
