import ArgumentParser
import HostSystem
import PortlessCore

/// `portless prune`: routes whose owner is gone, and what it left listening.
struct PruneCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "Remove routes whose owner is gone, and end what it has left running.",
        discussion: """
            A process that listens on such a route's port is only ended if it was started by that \
            run; another program that has the port by now is left alone.
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
            let orphans = context.processes.orphans(entry)
            for process in orphans
            where context.processes.send(process, force ? .kill : .terminate) {
                ended += 1
                console.print("  \(entry.hostname): killed PID \(process.pid)")
            }
            if orphans.isEmpty, let port = entry.port {
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
