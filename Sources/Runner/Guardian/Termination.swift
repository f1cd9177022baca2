import HostSystem

/// Ends a child with its whole group and all that it started: asks first, then makes sure.
///
/// Only what is known by PID and start time is signalled: the child, what was seen below it (also what
/// left its group, as job control in a script and watchers do), and the members of its group, for as
/// long as the child or something of that is in the group. Daemons of our own are spared.
struct Termination {
    private let root: ProcessIdentity
    private let group: ProcessGroup
    /// All that were ever seen below the child; some lose their parents on the way.
    private var known: Set<ProcessIdentity> = []

    /// Ends a child of ours.
    init(of child: ChildProcess) {
        root = child.identity
        group = ProcessGroup(of: child)
    }

    /// Ends another process's child.
    init(root: ProcessIdentity) {
        self.root = root
        group = ProcessGroup(leader: root)
    }

    /// Returns when all are gone, or when even SIGKILL had no effect for a second.
    mutating func run(grace: Duration, signals: SignalQueue) {
        guard !survivors().isEmpty else { return }
        var termination = self
        _ = Escalation(grace: grace, afterForce: .seconds(1)).run(
            send: { signal in
                termination.send(signal)
                return true
            },
            // A second Ctrl-C means: no more patience.
            sleep: { ![.interrupt, .terminate].contains(signals.next(timeout: $0)) },
            isOver: { termination.survivors().isEmpty },
        )
    }

    /// Keeps in mind what is below the child now, and `others` that are known to be its own.
    mutating func note(_ others: Set<ProcessIdentity> = []) {
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

    /// All that still run.
    mutating func survivors() -> Set<ProcessIdentity> {
        note()
        let members = Set(ProcessTree.current().members(ofGroup: group.id))
        // What forks away just now is found next time by those that it left in the group.
        if group.isKnown || !known.isDisjoint(with: members) { note(members) }
        return known
    }

    /// The group at once, so that none of it forks away in between, then those outside of it.
    mutating func send(_ signal: Signal) {
        let survivors = survivors()
        let isSent = group.send(signal)
        for process in survivors
        where !isSent || ProcessGroup.id(of: process.pid) != group.id {
            process.send(signal)
        }
        // A stopped process receives nothing else until it goes on.
        guard signal == .terminate else { return }
        group.send(.continue)
        for process in survivors { process.send(.continue) }
    }

    private func isDaemon(_ process: ProcessIdentity) -> Bool {
        process != root && ProcessDetails.environment(of: process.pid)?[Daemon.marker] != nil
    }
}
