package import PortlessCore

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
