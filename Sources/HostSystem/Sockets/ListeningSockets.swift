/// The listening sockets of this machine, as far as the system shows them to this process.
package enum ListeningSockets {
    /// All listening sockets.
    ///
    /// On Linux this asks the kernel directly and doesn't touch any process.
    package static func all(_ kind: SocketKind = .tcp) throws(SystemError) -> [ListeningSocket] {
        try systemSockets(kind)
    }

    /// The sockets on one port at most 200 ms ago, cheap enough to ask for with every connection.
    ///
    /// macOS has no list of sockets: each call would look at all descriptors of all processes.
    package static func recently(
        on port: UInt16
    ) throws(SystemError) -> [ListeningSocket] {
        try recentSystemSockets().filter { $0.port == port }
    }

    package static func on(
        port: UInt16,
        _ kind: SocketKind = .tcp,
    ) throws(SystemError) -> [ListeningSocket] {
        try all(kind).filter { $0.port == port }
    }

    /// The sockets of a process, of its descendants and of `others`, of those that are wanted, as far
    /// as they can be read.
    package static func held(
        byTreeOf root: Int32,
        and others: [Int32] = [],
        where isWanted: (Int32) -> Bool = { _ in true },
    ) -> [ListeningSocket] {
        let processes = Set(ProcessChildren.withDescendants(of: root) + others).filter(isWanted)
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
