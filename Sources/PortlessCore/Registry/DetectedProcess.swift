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
    /// Every declaration that was found, in the order of their weight.
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
