/// Who listens on this machine, as far as the system tells us.
package enum ListeningSockets {
    /// All sockets that wait for peers.
    ///
    /// On Linux this asks the kernel directly and doesn't touch any process.
    package static func all(_ kind: SocketKind = .tcp) throws(SystemError) -> [ListeningSocket] {
        try systemSockets(kind)
    }

    /// Those on one port, as they were a moment ago: for who asks with every connection.
    ///
    /// macOS has no list of sockets, so that each question looks at all descriptors of all processes;
    /// there an answer serves for a fifth of a second.
    package static func recently(
        on port: UInt16
    ) throws(SystemError) -> [ListeningSocket] {
        try recentSystemSockets().filter { $0.port == port }
    }

    /// Those on one port.
    package static func on(
        port: UInt16,
        _ kind: SocketKind = .tcp,
    ) throws(SystemError) -> [ListeningSocket] {
        try all(kind).filter { $0.port == port }
    }

    /// Those of a process, of all that it started, and of `others`: what an app listens on.
    ///
    /// A process that can't be looked at has none.
    package static func held(
        byTreeOf root: Int32,
        and others: [Int32] = [],
    ) -> [ListeningSocket] {
        let processes = Set(ProcessChildren.withDescendants(of: root) + others)
        return (try? held(by: Array(processes))) ?? []
    }

    static func held(by processes: [Int32]) throws(SystemError) -> [ListeningSocket] {
        try systemSockets(.tcp, of: processes)
    }

    /// The processes that hold each of `sockets`; those of other users show only to root.
    ///
    /// Looks at each of `processes`, nil meaning all, so it takes a while on a busy machine.
    package static func holders(
        of sockets: [ListeningSocket],
        among processes: [Int32]? = nil,
    ) -> [ListeningSocket: [Int32]] {
        let byID = Dictionary(grouping: sockets, by: \.id)
        var holders: [ListeningSocket: [Int32]] = [:]
        guard !byID.isEmpty else { return holders }
        for process in processes ?? ProcessRecord.allPIDs() {
            for id in Set(socketIDs(of: process)) {
                for socket in byID[id] ?? [] { holders[socket, default: []].append(process) }
            }
        }
        return holders
    }
}
