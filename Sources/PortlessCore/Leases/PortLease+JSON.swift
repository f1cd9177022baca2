extension PortLease {
    /// The block with its ends and its ports, as `--json` prints it.
    package var json: JSONValue {
        .object([
            "app": .string(app.description),
            "first": range.map { .integer($0.first.number) } ?? .null,
            "last": range.map { .integer($0.last.number) } ?? .null,
            "ports": .array(ports.map(\.json)),
        ])
    }
}

extension LeasedPort {
    package var json: JSONValue {
        var object: JSONObject = ["label": .string(label), "port": .integer(port.number)]
        if let description { object["description"] = .string(description) }
        return .object(object)
    }
}
