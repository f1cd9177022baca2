import PortlessCore

/// `"ports": {"ui": 5571, "api": "auto", "cdp": {"port": 5556, "description": "…", "http": false}}`,
/// or a list of labels, whose numbers come from a lease.
extension ProjectConfigurationReader {
    func ports(
        _ object: JSONObject,
        prefix: String,
    )
        throws(ProjectConfigurationError) -> [ConfiguredPort]
    {
        let key = prefix + "ports"
        guard let value = object["ports"] else { return [] }
        var ports: [ConfiguredPort] = []
        if let labels = value.array {
            for label in labels {
                guard let text = label.string else {
                    throw .wrongType(file, key: key, expected: "an object, or a list of labels")
                }
                ports.append(ConfiguredPort(label: text))
            }
        } else if let entries = value.object {
            for (label, entry) in entries.members {
                ports.append(try port(entry, label: label, key: "\(key).\(label)"))
            }
        } else {
            throw .wrongType(file, key: key, expected: "an object, or a list of labels")
        }
        try check(ports, key)
        return ports
    }

    private func port(
        _ value: JSONValue,
        label: String,
        key: String,
    )
        throws(ProjectConfigurationError) -> ConfiguredPort
    {
        var result = ConfiguredPort(label: label)
        guard let object = value.object else {
            result.port = try number(value, key)
            return result
        }
        result.port = try object["port"].flatMap { value throws(ProjectConfigurationError) in
            try number(value, key + ".port")
        }
        if let description = object["description"] {
            guard let text = description.string else {
                throw .wrongType(file, key: key + ".description", expected: "a string")
            }
            result.description = text
        }
        if let http = object["http"] {
            guard let speaksHTTP = http.bool else {
                throw .wrongType(file, key: key + ".http", expected: "true or false")
            }
            result.speaksHTTP = speaksHTTP
        }
        return result
    }

    /// Nil for `"auto"` and null.
    private func number(
        _ value: JSONValue,
        _ key: String,
    )
        throws(ProjectConfigurationError) -> Port?
    {
        if value == .null || value.string == "auto" { return nil }
        guard let port = value.integer.flatMap({ Port($0) }) else {
            throw .wrongType(
                file,
                key: key,
                expected: "a whole number from 1 to 65535, or \"auto\"",
            )
        }
        return port
    }

    private func check(
        _ ports: [ConfiguredPort],
        _ key: String,
    )
        throws(ProjectConfigurationError)
    {
        for (index, port) in ports.enumerated() {
            guard Label(port.label) != nil else {
                throw .wrongType(
                    file,
                    key: "\(key).\(port.label)",
                    expected: "called by letters, digits and hyphens, beginning with a letter",
                )
            }
            let variable = PortLabels.environmentVariable(of: port.label)
            guard !PortLabels.isReserved(port.label) else {
                throw .wrongType(
                    file,
                    key: "\(key).\(port.label)",
                    expected: "called something else: \(variable) sets Portless itself",
                )
            }
            let others = ports[..<index].map(\.label)
            if let rival = PortLabels.rival(of: port.label, among: others) {
                throw .wrongType(
                    file,
                    key: "\(key).\(port.label)",
                    expected: "called something else: \(rival) is \(variable), too",
                )
            }
            for other in ports[..<index] {
                if other.label.lowercased() == port.label.lowercased() {
                    throw .wrongType(
                        file,
                        key: "\(key).\(port.label)",
                        expected: "there only once",
                    )
                }
                if let number = port.port, other.port == number {
                    throw .wrongType(
                        file,
                        key: "\(key).\(port.label)",
                        expected: "another port than \(number), which \(other.label) has",
                    )
                }
            }
        }
    }
}
