extension DetectedProject {
    /// The answer of `portless ports detect --json`.
    package var json: JSONValue {
        .object([
            "name": .string(name),
            "processes": .array(processes.map(\.json)),
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

    /// `{"api": 5570}`, as the registry stores it too.
    package var portsJSON: JSONValue {
        var object = JSONObject()
        for labeled in ports { object[labeled.label] = .integer(labeled.port.number) }
        return .object(object)
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

    /// What `json` has made of a source; nil for anything else.
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
