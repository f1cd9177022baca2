import HostSystem
package import PortlessCore
package import SystemPackage

/// Moves a process's names to the port that it really listens on.
package struct PortFollower {
    /// A change, as a phrase whose subject is the process.
    package enum Change {
        case moved(String)
        /// It listens on its assigned port, and on further ones.
        case listensOnMore(String)
        case couldNotMove(String, any Error)
    }

    package private(set) var watch: PortWatch
    private let probe: HTTPProbe
    /// The further ports that the user knows of.
    private var told: Set<Port> = []
    private var hasComplained = false

    package init(_ watch: PortWatch, probe: HTTPProbe) {
        self.watch = watch
        self.probe = probe
    }

    /// The ports on which a process, its descendants, and `others` accept connections.
    package static func openPorts(of root: Int32, and others: [Int32] = []) -> Set<Port> {
        ports(of: ListeningSockets.held(byTreeOf: root, and: others))
    }

    /// Those of the process and its descendants that run in a folder that is wanted.
    package static func openPorts(
        of root: Int32,
        inFolders isWanted: (FilePath) -> Bool,
    ) -> Set<Port> {
        let sockets = ListeningSockets.held(byTreeOf: root) { pid in
            ProcessDetails.workingDirectory(of: pid).map(isWanted) ?? false
        }
        return ports(of: sockets)
    }

    private static func ports(of sockets: [ListeningSocket]) -> Set<Port> {
        Set(sockets.filter(\.answersLoopback).compactMap { Port(rawValue: $0.port) })
    }

    /// Takes the open ports; returns the pause before the next look, nil for none until the proxy
    /// reports a refusal.
    package mutating func look(
        _ open: Set<Port>,
        moving names: inout RegisteredNames?,
    ) -> (pause: Duration?, change: Change?) {
        switch watch.observe(open, now: .now) {
        case .wait(let pause): return (pause, nil)
        case .settled: return (nil, further(open))
        case .moveToAssigned:
            guard let assigned = watch.assigned else { return (nil, nil) }
            return follow(to: assigned, among: [assigned], open, &names)
        case .choose(let candidates):
            guard let port = probe.first(of: candidates, host: names?.names.all.first) else {
                return (watch.notServing().pause, nil)
            }
            return follow(to: port, among: candidates, open, &names)
        }
    }

    private mutating func follow(
        to port: Port,
        among candidates: [Port],
        _ open: Set<Port>,
        _ names: inout RegisteredNames?,
    ) -> (pause: Duration?, change: Change?) {
        var change: Change?
        let further = watch.further(open, beside: port)
        if port != watch.current {
            let phrase =
                port == watch.assigned
                ? "listens on port \(port) again"
                : "listens on port \(port)\(also(further))"
                    + (watch.assigned.map { ", not \($0)" } ?? "")
            do {
                try names?.move(to: port)
            } catch {
                defer { hasComplained = true }
                let complaint = hasComplained ? nil : Change.couldNotMove(phrase, error)
                return (watch.notServing().pause, complaint)
            }
            hasComplained = false
            told = further
            change = .moved(phrase)
        }
        return (watch.moved(to: port, among: candidates, now: .now).pause, change)
    }

    private mutating func further(_ open: Set<Port>) -> Change? {
        guard let current = watch.current, open.contains(current) else { return nil }
        let further = watch.further(open, beside: current)
        guard !further.isSubset(of: told) else { return nil }
        told = further
        return .listensOnMore("listens on port \(current)\(also(further))")
    }

    private func also(_ ports: Set<Port>) -> String {
        let list = ports.sorted().map(\.description).joined(separator: ", ")
        return list.isEmpty ? "" : " (also on \(list))"
    }
}

extension PortWatch.Verdict {
    fileprivate var pause: Duration? {
        if case .wait(let pause) = self { pause } else { nil }
    }
}
