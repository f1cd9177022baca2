import HostSystem

/// Chooses a port for one run of an app.
package struct EphemeralPortPicker: Sendable {
    package enum Failure: Error, Hashable, CustomStringConvertible {
        case noFreePort(PortRange)

        package var description: String {
            switch self {
            case .noFreePort(let range):
                "No free port found in \(range). Stop an app, or choose one with --app-port."
            }
        }
    }

    package var range = PortRange.ephemeral
    private static let randomTries = 50

    package init() {}

    /// The preferred port if it may be used and is free, else another one at random.
    ///
    /// A port of `taken` is never chosen, and one of `remembered`, which other apps had last, only if no
    /// other is free. `isFree` is called as rarely as possible.
    package func pick(
        preferring preferred: Port?,
        taken: Set<Port>,
        remembered: Set<Port>,
        isFree: (Port) throws -> Bool,
        using generator: inout some RandomNumberGenerator,
    ) throws -> Port {
        let usable = range.ports.filter { !BrowserBlockedPorts.contains($0) && !taken.contains($0) }
        if let preferred, usable.contains(preferred), try isFree(preferred) { return preferred }
        let isWanted = { (port: Port) in
            !remembered.contains(port) && !WellKnownPorts.contains(port)
        }
        // At random first, so that an app doesn't get the address, and with it the cookies and cached
        // pages, of the app that ran before it.
        let good = usable.filter(isWanted)
        for port in good.shuffled(using: &generator).prefix(Self.randomTries)
        where try isFree(port) {
            return port
        }
        for port in good + usable.filter({ !isWanted($0) }) where try isFree(port) { return port }
        throw Failure.noFreePort(range)
    }
}

/// The port that each name had last, so that an app's bookmarks, cookies and debugger settings go on
/// working.
///
/// A file that can't be read counts as empty. The routes' lock protects it.
package struct PortMemory: Hashable, Sendable {
    private static let capacity = 500
    private var ports: JSONObject

    package init(reading directory: StateDirectory) {
        let text = try? directory.text(of: .rememberedPorts)
        ports = text.flatMap { try? JSONValue(parsing: $0.utf8) }?.object ?? [:]
    }

    /// The apps of one host, each on a path of its own, are remembered apart.
    package subscript(hostname: Hostname, path: RoutePath? = nil) -> Port? {
        ports[Self.key(hostname, path)]?.integer.flatMap { Port($0) }
    }

    private static func key(_ hostname: Hostname, _ path: RoutePath?) -> String {
        "\(hostname)\(path?.prefix ?? "")"
    }

    /// The ports of all names, but for this one.
    package func ports(except hostname: Hostname? = nil, _ path: RoutePath? = nil) -> Set<Port> {
        let own = hostname.map { Self.key($0, path) }
        return Set(
            ports.members.compactMap { key, value in
                key == own ? nil : value.integer.flatMap { Port($0) }
            }
        )
    }

    /// Remembers the port, and forgets the oldest ones above `capacity`.
    package mutating func remember(
        _ port: Port,
        for hostname: Hostname,
        _ path: RoutePath? = nil,
    ) {
        guard self[hostname, path] != port else { return }
        let key = Self.key(hostname, path)
        ports[key] = nil
        ports[key] = .integer(port.rawValue)
        let forgotten = Set(ports.keys.dropLast(Self.capacity))
        if !forgotten.isEmpty { ports.removeAll(where: forgotten.contains) }
    }

    package func save(to directory: StateDirectory) throws {
        // Not worth the disk syncs: a file that a power cut tears counts as empty.
        try AtomicFile.write(
            JSONValue.object(ports).formatted.utf8,
            to: directory[.rememberedPorts],
            owner: directory.owner,
            isDurable: false,
        )
    }
}

extension RoutesStore {
    /// Registers all names with a port of their own, the same one as last time if it is free.
    ///
    /// `isFree` tells whether a port can be listened on, on both loopback families.
    package func registerOnEphemeralPort(
        _ hostnames: [Hostname],
        owner: Route.Owner,
        upstreamProtocol: Route.UpstreamProtocol = .http1,
        labels: [RouteLabel] = [],
        force: Bool = false,
        isFree: (Port) throws -> Bool,
    ) throws -> RouteRegistration {
        var names = RouteNames(own: hostnames, labels: labels)
        names.upstreamProtocol = upstreamProtocol
        return try registerOnEphemeralPort(names, owner: owner, force: force, isFree: isFree)
    }

    package func registerOnEphemeralPort(
        _ names: RouteNames,
        owner: Route.Owner,
        force: Bool = false,
        isFree: (Port) throws -> Bool,
    ) throws -> RouteRegistration {
        guard let primary = names.own.first else { throw NameError.empty }
        return try register(names, owner: owner, force: force) { taken in
            var memory = PortMemory(reading: directory)
            var generator = SystemRandomNumberGenerator()
            let port = try EphemeralPortPicker().pick(
                preferring: memory[primary, names.path],
                taken: taken,
                remembered: memory.ports(except: primary, names.path),
                isFree: isFree,
                using: &generator,
            )
            if memory[primary, names.path] != port {
                memory.remember(port, for: primary, names.path)
                // A full disk costs the memory, not the run.
                try? memory.save(to: directory)
            }
            return port
        }
    }
}
