import ArgumentParser
import PortlessCore
import SystemPackage

/// `portless worktrees`: the checkouts of the project, and what runs in each.
struct WorktreesCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "worktrees",
        abstract: "Show the project's git worktrees, each with its app, URL and state.",
        discussion: "Each worktree is an app of its own: its folder decides what is meant there.",
    )

    @Flag(help: "Print them as JSON.")
    var json = false

    func run(_ context: CommandContext) throws {
        let worktrees = try ProjectWorktrees(context).all()
        guard !worktrees.isEmpty else {
            throw Failure(
                "\(context.workingDirectory) is in no git repository.",
                remedy: "`portless ps` and `portless list` show all that runs.",
            )
        }
        if json {
            return context.console.print(JSONValue.array(worktrees.map(\.json)).formatted)
        }
        let rows = worktrees.map { worktree in
            [
                worktree.isCurrent ? "*" : "", worktree.folder.string, worktree.branch ?? "-",
                worktree.app?.description ?? "-", worktree.isRunning ? "running" : "stopped",
                worktree.processes.map(\.text).joined(separator: ", "), worktree.url ?? "",
            ]
        }
        context.console.print(
            TextTable(
                header: ["", "FOLDER", "BRANCH", "APP", "STATE", "PROCESSES", "URL"],
                rows: rows,
            ).text
        )
        for worktree in worktrees {
            guard let problem = worktree.problem else { continue }
            context.console.warn("\(worktree.folder): \(problem)")
        }
    }
}
