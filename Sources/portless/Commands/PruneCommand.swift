import ArgumentParser
import HostSystem
import PortlessCore
import Runner

/// `portless prune`: routes whose owner is gone, and what it left listening.
struct PruneCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "Remove routes whose owner is gone, and end what it has left running.",
        discussion: """
            That is the group of the run's command, and a process that listens on the route's port \
            if that run has started it; another program that has the port by now is left alone. The \
            ports of a git worktree whose folder is gone are released. What a crash has left shared is \
            taken back.
            """,
    )

    @Flag(help: "End it at once (SIGKILL).")
    var force = false

    func run(_ context: CommandContext) throws {
        let console = context.console
        try releaseBlocks(context)
        let removed = try context.routes().prune()
        for record in endShares(of: removed, context) {
            console.print("  \(record.hostname): no longer shared by \(record.provider.title)")
        }
        guard !removed.isEmpty else {
            console.print("No orphaned routes found.")
            return
        }
        var ended = 0
        for entry in removed {
            let signal: Signal = force ? .kill : .terminate
            let leader = entry.childLeader
            let orphans = context.processes.orphans(entry).filter {
                leader == nil || ProcessGroup.id(of: $0.pid) != leader?.pid
            }
            if let leader, context.processes.sendToGroup(leader, signal) {
                ended += 1
                console.print("  \(entry.hostname): killed PID \(leader.pid) and its group")
            }
            for process in orphans where context.processes.send(process, signal) {
                ended += 1
                console.print("  \(entry.hostname): killed PID \(process.pid)")
            }
            if leader == nil, orphans.isEmpty, let port = entry.port {
                let holder = context.holder(port)
                let state = holder.map { "port \(port) now belongs to \($0)" }
                console.print(
                    "  \(entry.hostname): \(state ?? "route removed (port already free)")"
                )
            }
        }
        console.print(
            "Pruned \(removed.count) stale route(s), killed \(ended) orphaned process(es)."
        )
    }

    /// What a crash has left shared; what the npm original has shared stands in its routes only.
    private func endShares(of removed: [RouteEntry], _ context: CommandContext) -> [ShareRecord] {
        let left = LeftShares(context)
        let ended = left.end()
        let others = removed.flatMap(\.recordedShares).filter { record in
            !ended.contains { $0.url == record.url } && left.end(record)
        }
        return ended + others
    }

    /// Gives back the ports of worktrees that are gone, but not those of an app that still runs.
    private func releaseBlocks(_ context: CommandContext) throws {
        let directory = try context.stateDirectory()
        let running = StoredApps.list(in: directory)
            .filter { $0.processes.contains(where: \.state.isActive) }
        let store = LeaseStore(directory: directory)
        let released = try store.releaseGone { app in running.contains { $0.name == app } }
        for lease in released {
            guard let range = lease.range, let worktree = lease.worktree else { continue }
            context.console.print(
                "Released \(range) of \(lease.app): \(worktree.folder) is gone."
            )
        }
        for app in running {
            let lease = try store.list().first { $0.app == app.name }
            guard let worktree = lease?.worktree, worktree.isGone else { continue }
            context.console.warn(
                """
                \(app.name) still runs from \(worktree.folder), which is gone. To end it: \
                portless down \(app.name)
                """
            )
        }
    }
}
