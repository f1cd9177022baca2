import HostSystem
import PortlessCore

/// Who belongs to a process, wherever it went.
extension Keeper {
    /// So often something that forks away just now is looked for.
    private static let mostLooks = 20

    /// All that runs because of a process, but for daemons of our own.
    func survivors(of process: KeptProcess) -> Set<ProcessIdentity> {
        var found: Set<ProcessIdentity> = []
        var next = process.known.filter(\.isAlive).map(\.pid)
        if let root = process.root { next.append(root.pid) }
        next += seesOrphans && !process.wasRecovered ? orphans(of: process) : strays(of: process)
        while let pid = next.popLast() {
            guard let identity = ProcessIdentity.of(pid: pid), !found.contains(identity),
                !isDaemon(pid, of: process)
            else { continue }
            found.insert(identity)
            next += ProcessChildren.children(of: pid)
        }
        process.known = found
        return found
    }

    /// What is left when the process itself has ended.
    ///
    /// A program that goes into the background may do so while it is looked for; then its output
    /// still is open.
    func remaining(
        of process: KeptProcess,
        after cause: ProcessExit.Cause,
    ) -> Set<ProcessIdentity> {
        for _ in 0..<Self.mostLooks {
            let found = survivors(of: process)
            let mayHide = cause == .code(0) && !process.outputs.isEmpty
            if !found.isEmpty || !mayHide { return found }
            drainOutputs(of: process)
        }
        return []
    }

    /// On Linux whatever lost its parent is our own child.
    private func orphans(of process: KeptProcess) -> [Int32] {
        let roots = Set(processes.compactMap(\.root?.pid))
        return ProcessChildren.children(of: own.pid).filter { pid in
            !roots.contains(pid)
                && (ProcessGroup.id(of: pid) == process.lastGroup || isMarked(pid, as: process))
        }
    }

    /// Elsewhere, and for what an earlier keeper spawned, it may be anybody's.
    private func strays(of process: KeptProcess) -> [Int32] {
        let tree = ProcessTree.current()
        let group = process.lastGroup.map { tree.members(ofGroup: $0).map(\.pid) } ?? []
        guard process.wasRecovered else { return group }
        return group + tree.descendants(of: 1).map(\.pid).filter { isMarked($0, as: process) }
    }

    private func isMarked(_ pid: Int32, as process: KeptProcess) -> Bool {
        ProcessDetails.environment(of: pid)?[Self.marker] == marker(of: process)
    }

    /// Our own proxy and server may have been started by an app, and still aren't its own.
    private func isDaemon(_ pid: Int32, of process: KeptProcess) -> Bool {
        guard pid != process.root?.pid, ProcessGroup.id(of: pid) != process.lastGroup else {
            return false
        }
        return ProcessDetails.environment(of: pid)?[Daemon.marker] != nil
    }
}
