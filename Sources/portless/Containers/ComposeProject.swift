import HostSystem
import PortlessCore
import SystemPackage

/// A Compose project as `docker compose config --format json` tells it: with includes, profiles and
/// variables resolved.
struct ComposeProject: Equatable {
    struct PublishedPort: Equatable {
        var target: Port
        /// Nil where the engine chooses.
        var published: Port?
        var address: String?
        var isUDP = false
    }

    struct Service: Equatable {
        var name: String
        /// The variables that the project sets.
        var variables: Set<String> = []
        var ports: [PublishedPort] = []
        /// Whether all ports could be read; others can't be moved.
        var knowsPorts = true
        /// Whether its hosts file is another one's.
        var sharesNetwork = false
    }

    var name: String
    var services: [Service]

    /// Nil for anything that isn't a project.
    init?(_ json: JSONValue) {
        guard let name = json["name"]?.string, let services = json["services"]?.object else {
            return nil
        }
        self.name = name
        self.services = services.members.map { Service($0.key, $0.value) }
    }

    init(name: String, services: [Service]) {
        self.name = name
        self.services = services
    }

    /// The names that its services get while they run.
    var names: [AppName] {
        let project = DNSLabel.sanitized(name)
        let own = services.map { "\(DNSLabel.sanitized($0.name)).\(project)" }
        return (own + [project]).compactMap { try? AppName(parsing: $0) }
    }
}

extension ComposeProject.Service {
    fileprivate init(_ name: String, _ json: JSONValue) {
        let mode = json["network_mode"]?.string ?? ""
        let ports = json["ports"]?.array ?? []
        let read = ports.compactMap(ComposeProject.PublishedPort.init)
        self.init(
            name: name,
            variables: Set(json["environment"]?.object?.keys ?? []),
            ports: read,
            knowsPorts: read.count == ports.count,
            sharesNetwork: ["host", "none"].contains(mode) || mode.contains(":"),
        )
    }
}

extension ComposeProject.PublishedPort {
    /// Nil for a range, or a form that isn't known.
    fileprivate init?(_ json: JSONValue) {
        guard let target = json["target"]?.integer.flatMap({ Port($0) }) else { return nil }
        let text = json["published"]?.string ?? json["published"]?.integer.map { String($0) } ?? ""
        guard text.isEmpty || Port(text) != nil else { return nil }
        self.init(
            target: target,
            published: text == "0" ? nil : Port(text),
            address: json["host_ip"]?.string,
            isUDP: json["protocol"]?.string == "udp",
        )
    }
}

/// What is laid over a Compose project's own files, which stay as they are.
struct ComposeOverride {
    /// YAML; every value is a quoted JSON string, which YAML reads as the same text.
    let text: String
    /// The ports of this machine that something else has, with their services.
    let moved: [(service: String, port: Port)]

    /// `isTaken` says whether another program has a port of this machine.
    init(of project: ComposeProject, reach: ContainerReach, isTaken: (Port) -> Bool) {
        var lines = ["services:"]
        var moved: [(service: String, port: Port)] = []
        for service in project.services {
            lines.append("  \(Self.quoted(service.name)):")
            if !service.sharesNetwork, !reach.names.isEmpty {
                lines.append("    extra_hosts: \(Self.list(reach.hosts))")
            }
            let variables = reach.variables(besides: service.variables)
            if !variables.isEmpty {
                lines.append("    environment:")
                lines += variables.map { "      \($0.name): \(Self.quoted($0.value))" }
            }
            if !reach.mounts.isEmpty {
                lines.append("    volumes:")
                for mount in reach.mounts {
                    lines.append("      - type: bind")
                    lines.append("        source: \(Self.quoted(mount.source.string))")
                    lines.append("        target: \(Self.quoted(mount.target.string))")
                    lines.append("        read_only: true")
                }
            }
            let taken = Set(service.ports.compactMap(\.published).filter(isTaken))
            if service.knowsPorts, !taken.isEmpty {
                // Lists are joined otherwise, and the taken port would stay in it.
                lines.append("    ports: !override")
                for port in service.ports {
                    let isMoved = port.published.map(taken.contains) ?? false
                    lines += Self.lines(of: port, isMoved: isMoved)
                }
                moved += taken.sorted().map { (service.name, $0) }
            }
            if lines.last?.hasPrefix("  \(Self.quoted(service.name)):") == true {
                lines[lines.endIndex - 1] += " {}"
            }
        }
        text = lines.joined(separator: "\n") + "\n"
        self.moved = moved
    }

    private static func lines(of port: ComposeProject.PublishedPort, isMoved: Bool) -> [String] {
        var lines = ["      - target: \(port.target)"]
        if let published = port.published, !isMoved {
            lines.append("        published: \(quoted(published.description))")
        }
        if let address = port.address { lines.append("        host_ip: \(quoted(address))") }
        if port.isUDP { lines.append("        protocol: udp") }
        return lines
    }

    private static func list(_ values: [String]) -> String {
        JSONValue.array(values.map { .string($0.escapingDollars) }).compact
    }

    private static func quoted(_ value: String) -> String {
        JSONValue.string(value.escapingDollars).compact
    }
}

extension String {
    /// Compose replaces `$NAME`.
    fileprivate var escapingDollars: String { replacing("$", with: "$$") }
}

/// The arguments of `docker compose`: its own flags in front, then the subcommand and its flags.
struct ComposeArguments: Equatable {
    private static let flagsWithValue: Set = [
        "-f", "--file", "-p", "--project-name", "--profile", "--env-file", "--project-directory",
        "--ansi", "--progress", "--parallel",
    ]

    /// In front of the subcommand.
    var flags: [String]
    /// The files that they name.
    var files: [String] = []
    /// The subcommand and what follows.
    var rest: [String]

    init(_ words: [String]) {
        var (flags, files): ([String], [String]) = ([], [])
        var words = words[...]
        while let word = words.first, word.hasPrefix("-") {
            words.removeFirst()
            flags.append(word)
            let name = String(word.prefix { $0 != "=" })
            guard Self.flagsWithValue.contains(name) else { continue }
            var value: String? = word.contains("=") ? String(word.dropFirst(name.count + 1)) : nil
            if value == nil, let next = words.popFirst() {
                flags.append(next)
                value = next
            }
            if let value, ["-f", "--file"].contains(name) { files.append(value) }
        }
        self.flags = flags
        self.files = files
        rest = Array(words)
    }

    /// Whether the subcommand may create containers, which then need what we add.
    var createsContainers: Bool {
        ["up", "create", "run", "watch"].contains(rest.first ?? "")
    }

    /// With `override` as the last file; `found` are those that Compose would find by itself.
    func adding(_ override: FilePath, found: [String]) -> [String] {
        let own = files.isEmpty ? found.flatMap { ["--file", $0] } : []
        return ["compose"] + flags + own + ["--file", override.string] + rest
    }
}

/// Finds the files that Compose takes where none is named.
enum ComposeFiles {
    private static let names = [
        "compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml",
    ]
    private static let overrides = [
        "compose.override.yml", "compose.override.yaml", "docker-compose.override.yml",
        "docker-compose.override.yaml",
    ]

    /// Those that `COMPOSE_FILE` names, else the first ones from `folder` upwards.
    static func find(
        in folder: FilePath,
        environment: [String: String],
        exists: (FilePath) -> Bool,
    ) -> [String] {
        if let list = environment["COMPOSE_FILE"]?.nilIfEmpty {
            let separator = environment["COMPOSE_PATH_SEPARATOR"]?.nilIfEmpty ?? ":"
            return list.split(separator: separator).map(String.init)
        }
        for directory in folder.selfAndAncestors {
            guard let main = names.map({ directory.appending($0) }).first(where: exists) else {
                continue
            }
            let override = overrides.map { directory.appending($0) }.first(where: exists)
            return [main.string] + (override.map { [$0.string] } ?? [])
        }
        return []
    }
}
