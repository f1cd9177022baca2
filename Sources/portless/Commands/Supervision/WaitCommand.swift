import ArgumentParser
import PortlessCore

/// `portless wait`: until a name answers.
struct WaitCommand: ContextCommand, NamesApps {
    static let configuration = CommandConfiguration(
        commandName: "wait",
        abstract: "Wait until a name answers.",
        discussion: """
            The name of an app, in the background or in a terminal, or of an alias. In a linked git \
            worktree it gets the branch's prefix, as in a run.
            """,
    )

    @Argument(help: "The name.")
    var names: [String] = []

    // As text: a wrong one is a slip in this command, and no call of an app of its name.
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("For how long; 60 unless given.", valueName: "seconds"),
    )
    var timeout: String?

    @Flag(help: "Leave out the worktree's prefix.")
    var noWorktree = false

    @Flag(help: "Print names, URLs, ports and what failed as JSON.")
    var json = false

    func run(_ context: CommandContext) throws {
        try WaitReport.present(on: context.console, asJSON: json) {
            guard names.count == 1 else {
                throw Failure(
                    names.isEmpty ? "No name is given." : "wait takes one name.",
                    remedy: "Usage: portless wait <name>",
                )
            }
            let limit = try WaitLimit(
                argument: timeout ?? String(WaitLimit.usualSeconds),
                of: "--timeout",
            )
            let prefix = noWorktree ? nil : context.project.worktreePrefix
            let name = try AppName(parsing: names[0]).prefixed(by: prefix)
            let report = try NameWait(context: context, name: name, limit: limit).run()
            if report.outcome == .ready, !json {
                for url in report.apps.compactMap(\.url) { context.console.print(url) }
            }
            return report
        }
    }
}
