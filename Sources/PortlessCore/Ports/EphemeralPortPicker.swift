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
    /// `taken` is never chosen; `remembered` is what other apps had last and want again, and is
    /// left to them while anything else is free. `isFree` is asked as rarely as possible.
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
        // At random first, so that an app doesn't get the address, and with it the cookies and the
        // cached pages, of the one that ran before it.
        let good = usable.filter(isWanted)
        for port in good.shuffled(using: &generator).prefix(Self.randomTries)
        where try isFree(port) {
            return port
        }
        for port in good + usable.filter({ !isWanted($0) }) where try isFree(port) { return port }
        throw Failure.noFreePort(range)
    }
}

/// Which port each name had last, so that an app comes back where its bookmarks, cookies and
/// debugger settings expect it.
///
/// Only a convenience: a file that can't be read counts as empty. Written under the routes' lock,
/// so parallel starts don't lose each other's notes.
package struct PortMemory: Hashable, Sendable {
    private static let capacity = 500
    private var ports: JSONObject

    package init(reading directory: StateDirectory) {
        let text = try? directory.text(of: directory.rememberedPorts)
        ports = text.flatMap { try? JSONValue(parsing: $0.utf8) }?.object ?? [:]
    }

    package subscript(hostname: Hostname) -> Port? {
        ports[hostname.description]?.integer.flatMap { Port($0) }
    }

    /// The ports of all names, but for this one.
    package func ports(except hostname: Hostname? = nil) -> Set<Port> {
        Set(
            ports.members.compactMap { key, value in
                key == hostname?.description ? nil : value.integer.flatMap { Port($0) }
            }
        )
    }

    /// Notes the port; whatever was noted longest ago is forgotten when there is too much.
    package mutating func remember(_ port: Port, for hostname: Hostname) {
        guard self[hostname] != port else { return }
        ports[hostname.description] = nil
        ports[hostname.description] = .integer(port.rawValue)
        let forgotten = Set(ports.keys.dropLast(Self.capacity))
        if !forgotten.isEmpty { ports.removeAll(where: forgotten.contains) }
    }

    package func save(to directory: StateDirectory) throws {
        // Not worth the disk's syncs that replacing takes: what a crash tears is forgotten.
        try AtomicFile.writeInPlace(
            JSONValue.object(ports).formatted.utf8,
            to: directory.rememberedPorts,
            owner: directory.owner,
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
        guard let primary = hostnames.first else { throw NameError.empty }
        return try register(
            hostnames,
            owner: owner,
            upstreamProtocol: upstreamProtocol,
            labels: labels,
            force: force,
        ) { taken in
            var memory = PortMemory(reading: directory)
            var generator = SystemRandomNumberGenerator()
            let port = try EphemeralPortPicker().pick(
                preferring: memory[primary],
                taken: taken,
                remembered: memory.ports(except: primary),
                isFree: isFree,
                using: &generator,
            )
            if memory[primary] != port {
                memory.remember(port, for: primary)
                try memory.save(to: directory)
            }
            return port
        }
    }
}
