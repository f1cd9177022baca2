import HostSystem
import PortlessCore

/// Finds the descendants of a process, wherever they went.
extension Keeper {
    /// How often a look is repeated for processes that fork during it.
    private static let mostLooks = 20

    /// The process and its descendants, without daemons of our own.
    ///
    /// Each is known by PID and start time and was found below one that is known like that, or in
    /// its group: a number that was only written down once proves nothing.
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

    /// The descendants that outlive the process itself.
    ///
    /// A program may go into the background during the look; then its output is still open.
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

    /// On Linux every orphan among them becomes our child.
    private func orphans(of process: KeptProcess) -> [ProcessIdentity] {
        let roots = Set(processes.compactMap(\.root?.pid))
        return ProcessChildren.identities(of: own).filter { child in
            !roots.contains(child.pid)
                && (ProcessGroup.id(of: child.pid) == process.lastGroup
                    || isMarked(child, as: process))
        }
    }

    /// Elsewhere, and for processes of an earlier keeper, an orphan may be any process's child.
    ///
    /// Once a group has ended, its number may be another group's, so its members count only while
    /// one of them is known to be ours.
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

    /// An app may have started our proxy or server, which still don't belong to it.
    private func isDaemon(_ pid: Int32, of process: KeptProcess) -> Bool {
        guard pid != process.root?.pid, ProcessGroup.id(of: pid) != process.lastGroup else {
            return false
        }
        return ProcessDetails.environment(of: pid)?[Daemon.marker] != nil
    }
}
