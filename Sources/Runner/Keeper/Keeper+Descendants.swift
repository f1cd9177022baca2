import HostSystem
import PortlessCore

/// Who belongs to a process, wherever it went.
extension Keeper {
    /// So often something that forks away just now is looked for.
    private static let mostLooks = 20

    /// All that runs because of a process, but for daemons of our own.
    ///
    /// Each is known by PID and start time, and found below, or in the group of, one that is known
    /// like that: what only has a number that was written down once is never among them.
    func survivors(of process: KeptProcess) -> Set<ProcessIdentity> {
        var found: Set<ProcessIdentity> = []
        var next = process.known.filter(\.isVerified)
        if let root = process.root, root.isVerified { next.insert(root) }
        if seesOrphans, !process.wasRecovered {
            next.formUnion(orphans(of: process))
        } else {
            next.formUnion(strays(of: process, known: next))
        }
        while let identity = next.popFirst() {
            guard !found.contains(identity), !isDaemon(identity.pid, of: process) else { continue }
            found.insert(identity)
            next.formUnion(ProcessChildren.identities(of: identity))
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
    private func orphans(of process: KeptProcess) -> [ProcessIdentity] {
        let roots = Set(processes.compactMap(\.root?.pid))
        return ProcessChildren.identities(of: own).filter { child in
            !roots.contains(child.pid)
                && (ProcessGroup.id(of: child.pid) == process.lastGroup
                    || isMarked(child, as: process))
        }
    }

    /// Elsewhere, and for what an earlier keeper spawned, it may be any other process's child.
    ///
    /// The number of a group is another group's once all of it has ended, so its members count only
    /// while one of them is known to be ours.
    private func strays(
        of process: KeptProcess,
        known: Set<ProcessIdentity>,
    ) -> Set<ProcessIdentity> {
        let tree = ProcessTree.current()
        var strays: Set<ProcessIdentity> = []
        if process.wasRecovered {
            strays = Set(
                tree.processes.filter { isMarked($0, as: process) && $0.sharesNamespaces }
            )
        }
        guard let number = process.lastGroup else { return strays }
        let members = Set(tree.members(ofGroup: number))
        let isOurs =
            process.root.map { $0.pid == number && (process.isChild || $0.isVerified) } == true
            || !members.isDisjoint(with: known.union(strays))
        return isOurs ? strays.union(members) : strays
    }

    func isMarked(_ identity: ProcessIdentity, as process: KeptProcess) -> Bool {
        ProcessDetails.environment(of: identity.pid)?[Self.marker] == marker(of: process)
    }

    /// Our own proxy and server may have been started by an app, and still aren't its own.
    private func isDaemon(_ pid: Int32, of process: KeptProcess) -> Bool {
        guard pid != process.root?.pid, ProcessGroup.id(of: pid) != process.lastGroup else {
            return false
        }
        return ProcessDetails.environment(of: pid)?[Daemon.marker] != nil
    }
}
