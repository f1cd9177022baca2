import ArgumentParser
import HostSystem
import PortlessCore

/// `portless prune`: routes whose owner is gone, and what it left listening.
struct PruneCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "Remove routes whose owner is gone, and end what it has left running.",
        discussion: """
            That is the group of the run's command, and a process that listens on the route's port \
            if that run has started it; another program that has the port by now is left alone.
            """,
    )

    @Flag(help: "End it at once (SIGKILL).")
    var force = false

    func run(_ context: CommandContext) throws {
        let console = context.console
        let removed = try context.routes().prune()
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
}
