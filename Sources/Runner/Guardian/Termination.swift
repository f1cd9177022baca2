import HostSystem

/// Ends a child with its whole group and all that it started: asks first, then makes sure.
///
/// Only what is known by PID and start time is signalled: the child, what was seen below it, and the
/// members of its group, for as long as the child or something of that is in the group.
struct Termination {
    private let root: ProcessIdentity
    private let group: ProcessGroup
    private let includesDescendants: Bool
    /// All that were ever seen below the child; some lose their parents on the way.
    private var known: Set<ProcessIdentity> = []

    /// Ends what a child of ours has left of its group.
    init(groupOf child: ChildProcess) {
        root = child.identity
        group = ProcessGroup(of: child)
        includesDescendants = false
    }

    /// Ends another process's child, also those below it that left its group (job control in a
    /// script, a watcher that makes groups of its own).
    init(root: ProcessIdentity) {
        self.root = root
        group = ProcessGroup(leader: root)
        includesDescendants = true
    }

    /// Returns when all are gone, or when even SIGKILL had no effect for a second.
    func run(grace: Duration, signals: SignalQueue) {
        var termination = self
        guard !termination.survivors().isEmpty else { return }
        _ = Escalation(grace: grace, afterForce: .seconds(1)).run(
            send: { signal in
                termination.send(signal)
                // A stopped process receives nothing else until it goes on.
                if signal == .terminate { termination.send(.continue) }
                return true
            },
            // A second Ctrl-C means: no more patience.
            sleep: { ![.interrupt, .terminate].contains(signals.next(timeout: $0)) },
            isOver: { termination.survivors().isEmpty },
        )
    }

    private mutating func survivors() -> Set<ProcessIdentity> {
        let tree = ProcessTree.current()
        func isThere(_ process: ProcessIdentity) -> Bool {
            tree.identity(of: process.pid) == process
        }
        if includesDescendants {
            if isThere(root) { known.insert(root) }
            for process in known where isThere(process) {
                known.formUnion(tree.descendants(of: process.pid))
            }
        }
        known = known.filter(isThere)
        let members = Set(tree.members(ofGroup: group.id))
        guard group.isKnown || !known.isDisjoint(with: members) else { return known }
        // What forks away just now is found next time by those that it left in the group.
        if includesDescendants { known.formUnion(members) }
        return known.union(members)
    }

    /// The group at once, so that none of it forks away in between, then those outside of it.
    private mutating func send(_ signal: Signal) {
        let survivors = survivors()
        let isSent = group.send(signal)
        for process in survivors
        where !isSent || ProcessGroup.id(of: process.pid) != group.id {
            process.send(signal)
        }
    }
}
