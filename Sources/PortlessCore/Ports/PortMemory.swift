import HostSystem

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
