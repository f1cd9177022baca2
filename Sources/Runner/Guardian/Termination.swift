package import HostSystem

/// Ends a child, its whole group and all its descendants: first with SIGTERM, then with SIGKILL.
///
/// It signals only processes that it knows by PID and start time: the child, the descendants that
/// it has seen (also those that left the group, as job control and watchers do), and the members of
/// the group, for as long as one of those is in the group. Daemons of our own are spared.
package struct Termination: Sendable {
    private let root: ProcessIdentity
    private let group: ProcessGroup
    /// All descendants ever seen; some lose their parents on the way.
    private var known: Set<ProcessIdentity> = []

    /// Ends a child of ours.
    package init(of child: ChildProcess) {
        root = child.identity
        group = ProcessGroup(of: child)
    }

    /// Ends the child of another process.
    package init(root: ProcessIdentity) {
        self.root = root
        group = ProcessGroup(leader: root)
    }

    /// Returns when all processes are gone, or when SIGKILL has had no effect for a second.
    mutating func run(grace: Duration, signals: SignalQueue) {
        guard !survivors().isEmpty else { return }
        var termination = self
        _ = Escalation(grace: grace, afterForce: .seconds(1)).run(
            send: { signal in
                termination.send(signal)
                return true
            },
            // A second Ctrl-C kills at once.
            sleep: { ![.interrupt, .terminate].contains(signals.next(timeout: $0)) },
            isOver: { termination.survivors().isEmpty },
        )
    }

    /// Adds the child's descendants of this moment, and `others` that belong to it.
    package mutating func note(_ others: Set<ProcessIdentity> = []) {
        var next = known.union(others).filter(\.isVerified)
        if root.isVerified { next.insert(root) }
        var found: Set<ProcessIdentity> = []
        while let process = next.popFirst() {
            guard !found.contains(process), known.contains(process) || !isDaemon(process) else {
                continue
            }
            found.insert(process)
            next.formUnion(ProcessChildren.identities(of: process))
        }
        known = found
    }

    /// The processes that still run.
    mutating func survivors() -> Set<ProcessIdentity> {
        note()
        let members = Set(ProcessTree.current().members(ofGroup: group.id))
        // A process that forks during this look is found by the next one, through its group.
        if group.isKnown || !known.isDisjoint(with: members) { note(members) }
        return known
    }

    /// Signals the group as a whole, so that no member escapes by forking, then the processes
    /// outside of it.
    package mutating func send(_ signal: Signal) {
        let survivors = survivors()
        let isSent = group.send(signal)
        for process in survivors
        where !isSent || ProcessGroup.id(of: process.pid) != group.id {
            process.send(signal)
        }
        // A stopped process handles other signals only after SIGCONT.
        guard signal == .terminate else { return }
        group.send(.continue)
        for process in survivors { process.send(.continue) }
    }

    private func isDaemon(_ process: ProcessIdentity) -> Bool {
        process != root && ProcessDetails.environment(of: process.pid)?[Daemon.marker] != nil
    }
}
