import HostSystem

/// Gives running containers their names, and decides which of their ports the names lead to.
package struct ContainerNames {
    /// What became of one container.
    package struct Result: Hashable, Sendable {
        package var container: Container
        /// The names without a TLD, the first one its own; empty where it gets none.
        package var names: [AppName] = []
        /// Where the names lead.
        package var port: Container.PublishedPort?
        /// Whether that is a database's, which clients reach by TLS with the name.
        package var isTCP = false
        /// Why it has no name, in a sentence.
        package var problem: String?
    }

    /// Whether a port of this machine speaks HTTP; nil where that isn't known yet.
    package typealias Knowledge = (Port) -> Bool?

    /// More than any machine runs for development.
    package static let mostContainers = 1000
    /// Where several ports speak HTTP, this one is meant.
    private static let webPort: Port = 80
    /// What projects call the service that people open, the likeliest first.
    private static let webServices = [
        "web", "app", "www", "ui", "frontend", "client", "site", "nginx", "caddy", "proxy",
    ]

    package private(set) var results: [Result] = []
    /// The ports that have to be asked whether they speak HTTP.
    package private(set) var unknownPorts: [Port] = []

    package init(_ containers: [Container], speaksHTTP: Knowledge) {
        let sorted = containers.sorted { ($0.created, $0.id) < ($1.created, $1.id) }
        var taken: Set<AppName> = []
        for container in sorted.prefix(Self.mostContainers) {
            var result = Result(container: container)
            switch choice(of: container, speaksHTTP) {
            case .port(let port):
                name(&result, port, &taken)
            case .database(let port):
                name(&result, port, &taken)
                result.isTCP = true
            case .unknown(let ports):
                unknownPorts += ports
                result.problem = "No port has answered in HTTP yet."
            case .none(let problem):
                result.problem = problem
            }
            results.append(result)
        }
        nameProjects(&taken)
    }

    // MARK: Names

    private func name(
        _ result: inout Result,
        _ port: Container.PublishedPort,
        _ taken: inout Set<AppName>,
    ) {
        let text = Self.name(of: result.container)
        guard let text else {
            result.problem = "It is to have no name (\(Container.nameLabel) is empty)."
            return
        }
        guard let name = try? AppName(parsing: text) else {
            result.problem = "\"\(text.visibleLine.prefix(80))\" is no possible name."
            return
        }
        guard taken.insert(name).inserted else {
            result.problem = "An older container has the name \(name)."
            return
        }
        result.names = [name]
        result.port = port
    }

    /// Nil where it is to have none.
    private static func name(of container: Container) -> String? {
        let labels = container.labels
        if let name = labels.name { return name.trimmingBlanks.nilIfEmpty }
        guard let service = labels.composeService, let project = labels.composeProject,
            !labels.isOneOff
        else { return DNSLabel.sanitized(container.name) }
        let number = labels.composeNumber ?? 1
        let own = number > 1 ? "\(service)-\(number)" : service
        return [own, project].map { DNSLabel.sanitized($0) }.joined(separator: ".")
    }

    /// A Compose project's bare name leads to its web service: the only one, or the one that is
    /// called like one.
    private mutating func nameProjects(_ taken: inout Set<AppName>) {
        var members: [String: [Int]] = [:]
        for (index, result) in results.enumerated() {
            let labels = result.container.labels
            guard let project = labels.composeProject, result.port != nil, !result.isTCP,
                !labels.isOneOff,
                labels.composeService != nil, labels.composeNumber ?? 1 <= 1
            else { continue }
            members[DNSLabel.sanitized(project), default: []].append(index)
        }
        for (project, indices) in members.sorted(by: { $0.key < $1.key }) {
            func rank(_ index: Int) -> (Int, String) {
                let service = results[index].container.labels.composeService ?? ""
                let place = Self.webServices.firstIndex(of: service.lowercased())
                return (place ?? Self.webServices.count, service)
            }
            guard let main = indices.min(by: { rank($0) < rank($1) }),
                let name = try? AppName(parsing: project), taken.insert(name).inserted
            else { continue }
            results[main].names.append(name)
        }
    }

    // MARK: Ports

    private enum Choice {
        case port(Container.PublishedPort)
        case database(Container.PublishedPort)
        case unknown([Port])
        case none(String)
    }

    private func choice(of container: Container, _ speaksHTTP: Knowledge) -> Choice {
        if let wanted = container.labels.port { return labeled(container, wanted) }
        let reachable = container.ports.filter(\.answersLoopback)
        guard !reachable.isEmpty else {
            return .none(
                container.ports.isEmpty
                    ? "It publishes no port."
                    : "Its ports are published on addresses that this machine's names don't lead to."
            )
        }
        // Docker lists each port for IPv4 and for IPv6.
        var candidates: [Container.PublishedPort] = []
        for port in reachable where !Self.speaksOther(port.inner) {
            if !candidates.contains(where: { $0.port == port.port }) { candidates.append(port) }
        }
        if candidates.isEmpty, let database = Self.database(reachable) {
            return .database(database)
        }
        guard !candidates.isEmpty else {
            return .none("Its ports are those of HTTPS or of databases that no name can lead to.")
        }
        let unknown = candidates.filter { speaksHTTP($0.port) == nil }
        guard unknown.isEmpty else { return .unknown(unknown.map(\.port)) }
        let speaking = candidates.filter { speaksHTTP($0.port) == true }
        if let only = speaking.first, Set(speaking.map(\.inner)).count == 1 { return .port(only) }
        if let web = speaking.first(where: { $0.inner == Self.webPort }) { return .port(web) }
        if speaking.isEmpty { return .unknown(candidates.map(\.port)) }
        let list = speaking.map(\.inner.description).joined(separator: ", ")
        return .none(
            "Several of its ports speak HTTP (\(list)): \(Container.portLabel) says which is meant."
        )
    }

    /// The only port of a database whose clients tell the name (docs/tcp.md); MySQL's don't.
    private static func database(_ ports: [Container.PublishedPort]) -> Container.PublishedPort? {
        guard let first = ports.first, Set(ports.map(\.port)).count == 1,
            first.inner != 3306, Infrastructure.service(on: first.inner) != nil
        else { return nil }
        return first
    }

    /// Whether a port's number says that it speaks another protocol than plain HTTP.
    private static func speaksOther(_ inner: Port) -> Bool {
        [443, 8443, 9443].contains(inner) || Infrastructure.service(on: inner) != nil
    }

    private func labeled(_ container: Container, _ wanted: String) -> Choice {
        guard let number = Port(wanted.trimmingBlanks) else {
            return .none("\(Container.portLabel) is \"\(wanted.visibleLine.prefix(80))\", no port.")
        }
        let ports = container.ports.filter(\.answersLoopback)
        let found = ports.first { $0.inner == number } ?? ports.first { $0.port == number }
        if let found {
            return Self.database([found]).map(Choice.database) ?? .port(found)
        }
        if container.usesHostNetwork {
            return .port(.init(address: "127.0.0.1", port: number, inner: number))
        }
        return .none("\(Container.portLabel) says \(number), which isn't published.")
    }
}
