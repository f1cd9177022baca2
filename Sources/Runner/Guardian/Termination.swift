import HostSystem

/// Ends a child with its whole group and all that it started: asks first, then makes sure.
struct Termination {
    private let root: Int32
    private let includesDescendants: Bool
    /// All that were ever seen below the child; some lose their parents on the way.
    private var known: Set<ProcessIdentity> = []

    /// `includesDescendants` also ends those that left the child's group (job control in a script,
    /// a watcher that makes groups of its own).
    init(root: Int32, includesDescendants: Bool = true) {
        self.root = root
        self.includesDescendants = includesDescendants
    }

    /// Returns when all are gone, or when even SIGKILL had no effect for a second.
    func run(grace: Duration, signals: SignalQueue) {
        var termination = self
        guard !termination.survivors().isEmpty else { return }
        termination.send(.terminate)
        // A stopped process receives nothing else until it goes on.
        termination.send(.continue)
        if termination.isOver(within: grace, signals: signals) { return }
        termination.send(.kill)
        _ = termination.isOver(within: .seconds(1), signals: signals)
    }

    private mutating func survivors() -> Set<ProcessIdentity> {
        let tree = ProcessTree.current()
        if includesDescendants {
            if let root = tree.identity(of: root) { known.insert(root) }
            for process in Array(known) where tree.identity(of: process.pid) == process {
                known.formUnion(tree.descendants(of: process.pid))
            }
        }
        let group = tree.members(ofGroup: root)
        return known.filter { tree.identity(of: $0.pid) == $0 }.union(group)
    }

    private mutating func send(_ signal: Signal) {
        let survivors = survivors()
        ProcessGroup(id: root)?.send(signal)
        for process in survivors { process.send(signal) }
    }

    /// Nobody is told when a process ends that isn't one's child, so this has to ask again.
    private mutating func isOver(within limit: Duration, signals: SignalQueue) -> Bool {
        let end = ContinuousClock.now.advanced(by: limit)
        var pause = Duration.milliseconds(5)
        while !survivors().isEmpty {
            guard ContinuousClock.now < end else { return false }
            // A second Ctrl-C means: no more patience.
            let signal = signals.next(timeout: pause)
            if signal == .interrupt || signal == .terminate { return false }
            pause = min(pause * 2, .milliseconds(100))
        }
        return true
    }
}
