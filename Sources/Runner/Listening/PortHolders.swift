import HostSystem
package import PortlessCore

/// Names the programs that listen on a port, for messages.
package enum PortHolders {
    /// Such as `node (812)`; nil where the system doesn't say.
    package static func description(of port: Port) -> String? {
        (try? ListeningSockets.on(port: port.rawValue)).flatMap(names)
    }

    /// The same of several ports, by one look at the system.
    static func descriptions(of ports: Set<Port>) -> [Port: String] {
        guard !ports.isEmpty, let all = try? ListeningSockets.all() else { return [:] }
        let sockets = Dictionary(grouping: all) { Port(rawValue: $0.port) }
        let wanted = ports.flatMap { sockets[$0] ?? [] }
        let holders = ListeningSockets.holders(of: wanted)
        var descriptions: [Port: String] = [:]
        for port in ports {
            let processes = Set((sockets[port] ?? []).flatMap { holders[$0] ?? [] })
            descriptions[port] = names(of: processes)
        }
        return descriptions
    }

    /// The programs that answer on a port before its app has started; nil where there are none.
    ///
    /// Sockets with one of the `own` numbers are the app's.
    package static func answering(
        on port: Port,
        besides own: () -> Set<UInt64> = { [] },
    ) -> String? {
        guard let all = try? ListeningSockets.on(port: port.rawValue) else { return nil }
        let answering = all.filter(\.answersLoopback)
        guard !answering.isEmpty else { return nil }
        let mine = own()
        let foreign = answering.filter { !mine.contains($0.id) }
        guard let first = foreign.first else { return nil }
        return names(of: foreign) ?? "another user's process (uid \(first.uid))"
    }

    private static func names(of sockets: [ListeningSocket]) -> String? {
        names(of: Set(ListeningSockets.holders(of: sockets).values.joined()))
    }

    private static func names(of processes: Set<Int32>) -> String? {
        let names = processes.sorted().map { pid in
            "\(ProcessDetails.name(of: pid) ?? "process") (\(pid))"
        }
        return names.isEmpty ? nil : names.joined(separator: ", ")
    }
}
