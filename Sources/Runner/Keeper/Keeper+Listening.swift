import HostSystem
import PortlessCore

extension Keeper {
    /// The keeper does nothing else while it waits for a port's answer.
    private static let probe = HTTPProbe(limit: .milliseconds(500))

    /// Starts to watch where a process that was just spawned listens; `current` is the port that
    /// its names lead to, if it isn't the assigned one.
    func watchPorts(of process: KeptProcess, leadingTo current: Port? = nil, _ now: Instant) {
        let assigned = process.plan.primaryPort
        let others = Set(process.plan.ports.map(\.port))
        let hasPorts = assigned != nil || !others.isEmpty
        // Its time also ran while no keeper watched.
        let start = process.plan.timeLimit == nil ? now : process.startInstant ?? now
        process.life.spawned(isReady: !hasPorts, now: start)
        let watch = PortWatch(
            assigned: assigned,
            others: others,
            current: current,
            isAwaited: true,
        )
        process.follower = hasPorts ? PortFollower(watch, probe: Self.probe) : nil
        process.nextLook = hasPorts ? now : nil
        watchHealth(of: process, now)
    }

    /// A process refused a request of the proxy: looks where the processes with names listen now.
    func lookAgain(_ now: Instant) {
        for process in processes where process.root != nil && process.names != nil {
            process.nextLook = process.follower.map { _ in now }
        }
    }

    func lookAtPorts(of process: KeptProcess, _ now: Instant) {
        process.nextLook = nil
        guard let root = process.root, var follower = process.follower else { return }
        let wasReady = follower.watch.isReady
        let open = PortFollower.openPorts(of: root.pid, and: process.known.map(\.pid))
        let (pause, change) = follower.look(open, moving: &process.names)
        process.follower = follower
        process.nextLook = pause.map { now.advanced(by: $0) }
        switch change {
        case .moved(let phrase) where process.names != nil:
            note("\(phrase); its names lead there", of: process)
        case .couldNotMove(let phrase, let error):
            note("\(phrase), but its names couldn't be moved: \(error)", of: process)
            process.life.becameReady(reason: "It \(phrase), but its names lead elsewhere.")
        case .moved, .listensOnMore, nil: break
        }
        let watch = follower.watch
        if watch.isReady {
            if !wasReady || change != nil { process.life.becameReady(reason: reason(watch)) }
        } else if watch.isLate(at: now), process.life.runsUnready {
            let expected = watch.assigned.map { "port \($0)" } ?? "any of its ports"
            process.life.becameLate(reason: "It doesn't listen on \(expected) yet.")
        }
    }

    /// Nil for a process that listens on its assigned port.
    private func reason(_ watch: PortWatch) -> String? {
        guard let current = watch.current, current != watch.assigned else { return nil }
        let expected = watch.assigned?.description ?? "the one it was given"
        return "It listens on port \(current), not \(expected)."
    }
}
