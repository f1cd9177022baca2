import ArgumentParser
import HostSystem
import PortlessCore

/// `portless restart`: ends and starts what runs in the background, as it was planned.
struct RestartCommand: ContextCommand, NamesApps {
    static let configuration = CommandConfiguration(
        commandName: "restart",
        abstract: "End and start what runs in the background.",
        discussion: "What changed in the project's files takes effect with `portless up`.",
    )

    @Argument(help: "Apps, or processes of the project here; without any, the whole project.")
    var names: [String] = []

    func run(_ context: CommandContext) throws {
        let selection = try AppSelection(names, context, for: "restart")
        try selection.refuseUnknown(context)
        let apps = SupervisedApps(server: try ServerControl(context).client())
        var isUp = true
        for choice in selection.choices {
            // Before anything is said of the app.
            try apps.server.checkHealth()
            context.console.say(styled: context.console.style.bold(choice.app))
            let since = Timestamp.now
            _ = try apps.change("restart", of: choice, context.console)
            let progress = try StartProgress(
                context,
                asking: apps,
                app: choice.app,
                names: choice.processes,
                // Those that it waits for weren't restarted, and may take any time.
                awaitsOthers: choice.processes == nil,
                since: since,
            )
            isUp = try progress.await() == .ready && isUp
        }
        guard isUp else { throw ExitCode(Failure.exitCode) }
    }
}
