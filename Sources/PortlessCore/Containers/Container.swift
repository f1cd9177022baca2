import HostSystem

/// A running container, as the Engine API of Docker and Podman lists it.
package struct Container: Hashable, Sendable {
    /// A port of the container that the engine passes on from this machine.
    package struct PublishedPort: Hashable, Sendable {
        /// Where this machine accepts connections for it; empty for all addresses.
        package var address: String
        package var port: Port
        /// The port inside the container.
        package var inner: Port

        package init(address: String, port: Port, inner: Port) {
            self.address = address
            self.port = port
            self.inner = inner
        }

        /// Whether connections to a loopback address arrive.
        package var answersLoopback: Bool { isOpen || parsed?.isLoopback == true }

        /// Whether other computers may connect.
        package var isExposed: Bool { parsed?.isLoopback != true }

        private var isOpen: Bool { address.isEmpty || parsed?.isAny == true }
        private var parsed: IPAddress? { IPAddress(address) }
    }

    package var id: String
    package var name: String
    /// In seconds since 1970.
    package var created: Int
    package var ports: [PublishedPort]
    package var labels: Labels
    /// Whether it has no network of its own, so that its ports are those of the engine's machine.
    package var usesHostNetwork: Bool

    package init(
        id: String,
        name: String,
        created: Int = 0,
        ports: [PublishedPort] = [],
        labels: Labels = Labels(),
        usesHostNetwork: Bool = false,
    ) {
        self.id = id
        self.name = name
        self.created = created
        self.ports = ports
        self.labels = labels
        self.usesHostNetwork = usesHostNetwork
    }
}

extension Container {
    /// The labels that mean something here.
    package struct Labels: Hashable, Sendable {
        /// `dev.portless.name`; empty for a container that is to have no name.
        package var name: String?
        /// `dev.portless.port`: a port inside the container, else one of this machine.
        package var port: String?
        package var composeProject: String?
        package var composeService: String?
        /// Which of the service's containers it is, from 1.
        package var composeNumber: Int?
        /// Whether `compose run` has started it, beside those of the service.
        package var isOneOff: Bool

        package init(
            name: String? = nil,
            port: String? = nil,
            composeProject: String? = nil,
            composeService: String? = nil,
            composeNumber: Int? = nil,
            isOneOff: Bool = false,
        ) {
            self.name = name
            self.port = port
            self.composeProject = composeProject
            self.composeService = composeService
            self.composeNumber = composeNumber
            self.isOneOff = isOneOff
        }
    }

    package static let nameLabel = "dev.portless.name"
    package static let portLabel = "dev.portless.port"
    private static let compose = "com.docker.compose."
    /// Of one container; more are of no use, and cost time and memory.
    private static let mostPorts = 64

    /// Reads an element of `GET /containers/json`; nil for one that is no running container.
    ///
    /// Versions and engines differ: lists may be null, Podman writes no address where Docker writes
    /// `0.0.0.0`, and Docker lists a port once for IPv4 and once for IPv6.
    package init?(_ json: JSONValue) {
        guard let id = json["Id"]?.string, !id.isEmpty else { return nil }
        // Podman lists paused ones by default; versions before 1.23 have no State.
        if let state = json["State"]?.string, state != "running" { return nil }
        let names = (json["Names"]?.array ?? []).compactMap(\.string)
            .map { $0.hasPrefix("/") ? String($0.dropFirst()) : $0 }
        // A linked container has `other/alias` as another name.
        let name = names.first { !$0.isEmpty && !$0.contains("/") }
        let ports = (json["Ports"]?.array ?? []).prefix(Self.mostPorts).compactMap(Self.port)
        let network = json["HostConfig"]?["NetworkMode"]?.string
        self.init(
            id: id,
            name: name ?? String(id.prefix(12)),
            created: json["Created"]?.integer ?? 0,
            ports: ports,
            labels: Labels(json["Labels"]?.object ?? [:]),
            usesHostNetwork: network == "host",
        )
    }

    private static func port(_ json: JSONValue) -> PublishedPort? {
        guard json["Type"]?.string ?? "tcp" == "tcp",
            let port = json["PublicPort"]?.integer.flatMap({ Port($0) }),
            let inner = json["PrivatePort"]?.integer.flatMap({ Port($0) })
        else { return nil }
        return PublishedPort(address: json["IP"]?.string ?? "", port: port, inner: inner)
    }
}

extension Container.Labels {
    fileprivate init(_ labels: JSONObject) {
        func compose(_ key: String) -> String? {
            labels["com.docker.compose.\(key)"]?.string
                ?? labels["io.podman.compose.\(key)"]?.string
        }
        self.init(
            name: labels[Container.nameLabel]?.string,
            port: labels[Container.portLabel]?.string,
            composeProject: compose("project"),
            composeService: compose("service"),
            composeNumber: compose("container-number").flatMap { Int($0) },
            isOneOff: compose("oneoff")?.lowercased() == "true",
        )
    }
}

/// The elements of a JSON list, each read by itself.
///
/// An engine may list thousands of containers; one that can't be read doesn't hide the others.
package enum JSONElements {
    /// Nil where the text is no list; at most `limit` elements are read.
    package static func of(_ bytes: [UInt8], limit: Int) -> [JSONValue]? {
        var position = bytes.firstIndex { !Self.isBlank($0) } ?? bytes.endIndex
        guard position < bytes.endIndex, bytes[position] == UInt8(ascii: "[") else { return nil }
        position += 1
        var elements: [JSONValue] = []
        var start = position
        var (depth, isInString, isEscaped) = (0, false, false)
        while position < bytes.endIndex, elements.count < limit {
            let byte = bytes[position]
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                }
            } else {
                switch byte {
                case UInt8(ascii: "\""): isInString = true
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"): depth -= 1
                case UInt8(ascii: "]") where depth > 0: depth -= 1
                case UInt8(ascii: ",") where depth > 0: break
                case UInt8(ascii: "]"), UInt8(ascii: ","):
                    let element = bytes[start..<position]
                    if let value = try? JSONValue(parsing: element) { elements.append(value) }
                    start = position + 1
                    if byte == UInt8(ascii: "]") { return elements }
                default: break
                }
            }
            position += 1
        }
        // Cut off: what can't be trusted to be all of them is none.
        return elements.count == limit ? elements : nil
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        [0x20, 0x09, 0x0A, 0x0D].contains(byte)
    }
}
