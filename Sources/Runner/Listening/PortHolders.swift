import HostSystem
package import PortlessCore

/// Names the programs that listen on a port, for messages.
package enum PortHolders {
    /// Such as `node (812)`; nil where the system doesn't say.
    package static func description(of port: Port) -> String? {
        (try? ListeningSockets.on(port: port.rawValue)).flatMap(names)
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
        let processes = Set(ListeningSockets.holders(of: sockets).values.joined())
        let names = processes.sorted().map { pid in
            "\(ProcessDetails.name(of: pid) ?? "process") (\(pid))"
        }
        return names.isEmpty ? nil : names.joined(separator: ", ")
    }
}
