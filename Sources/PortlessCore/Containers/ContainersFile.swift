package import HostSystem

/// What the server last saw of the running containers, for commands.
package struct ContainersFile: Hashable, Sendable {
    package struct Entry: Hashable, Sendable {
        package var name: String
        package var hostnames: [String]
        package var ports: [Container.PublishedPort]
        package var problem: String?

        package init(
            name: String,
            hostnames: [String] = [],
            ports: [Container.PublishedPort] = [],
            problem: String? = nil,
        ) {
            self.name = name
            self.hostnames = hostnames
            self.ports = ports
            self.problem = problem
        }
    }

    /// Whose end makes the rest worthless.
    package var process: ProcessIdentity
    /// The engine's socket; nil where none was found.
    package var engine: String?
    /// Why the engine isn't followed, in a sentence.
    package var problem: String?
    package var containers: [Entry]

    package init(
        process: ProcessIdentity,
        engine: String? = nil,
        problem: String? = nil,
        containers: [Entry] = [],
    ) {
        self.process = process
        self.engine = engine
        self.problem = problem
        self.containers = containers
    }

    /// The container that publishes each port.
    package var holders: [Port: String] {
        containers.reduce(into: [:]) { holders, container in
            for port in container.ports { holders[port.port] = container.name }
        }
    }
}

extension ContainersFile {
    /// Nil where no living process has written it.
    package static func read(from directory: StateDirectory) -> ContainersFile? {
        guard let text = try? directory.text(of: .containers),
            let json = try? JSONValue(parsing: text.utf8), let object = json.object,
            let process = ProcessIdentity(entry: object), process.isAlive
        else { return nil }
        return ContainersFile(
            process: process,
            engine: json["engine"]?.string,
            problem: json["problem"]?.string,
            containers: (json["containers"]?.array ?? []).compactMap(Entry.init),
        )
    }

    package func write(to directory: StateDirectory) throws {
        var object = JSONObject()
        process.write(to: &object)
        object["engine"] = engine.map { .string($0) }
        object["problem"] = problem.map { .string($0) }
        object["containers"] = .array(containers.map(\.json))
        try directory.write(JSONValue.object(object).formatted + "\n", to: directory[.containers])
    }
}

extension ContainersFile.Entry {
    package var json: JSONValue {
        .object([
            "name": .string(name),
            "names": .array(hostnames.map { .string($0) }),
            "ports": .array(
                ports.map { port in
                    .object([
                        "address": .string(port.address),
                        "port": .integer(port.port.number),
                        "containerPort": .integer(port.inner.number),
                    ])
                }
            ),
            "problem": problem.map { .string($0) } ?? .null,
        ])
    }

    fileprivate init?(_ json: JSONValue) {
        guard let name = json["name"]?.string else { return nil }
        self.init(
            name: name,
            hostnames: (json["names"]?.array ?? []).compactMap(\.string),
            ports: (json["ports"]?.array ?? []).compactMap { port in
                guard let number = port["port"]?.integer.flatMap({ Port($0) }),
                    let inner = port["containerPort"]?.integer.flatMap({ Port($0) })
                else { return nil }
                return Container.PublishedPort(
                    address: port["address"]?.string ?? "",
                    port: number,
                    inner: inner,
                )
            },
            problem: json["problem"]?.string,
        )
    }
}

/// What the user has decided about containers (`portless docker watch`).
package struct ContainerSettings: Hashable, Sendable {
    /// Whether running containers get names; nil while that isn't decided.
    package var isWatching: Bool?
    /// The `DOCKER_HOST` of the command that decided it, since the server has an environment of its own.
    package var host: String?

    package init(isWatching: Bool? = nil, host: String? = nil) {
        self.isWatching = isWatching
        self.host = host
    }

    package static func read(from directory: StateDirectory) -> ContainerSettings {
        let json = (try? directory.text(of: .containerSettings))
            .flatMap { try? JSONValue(parsing: $0.utf8) }
        return ContainerSettings(
            isWatching: json?["watch"]?.bool,
            host: json?["host"]?.string,
        )
    }

    package func write(to directory: StateDirectory) throws {
        var object = JSONObject()
        object["watch"] = isWatching.map { .bool($0) }
        object["host"] = host.map { .string($0) }
        try directory.write(
            JSONValue.object(object).formatted + "\n",
            to: directory[.containerSettings],
        )
    }
}
