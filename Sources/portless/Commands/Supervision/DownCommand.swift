import ArgumentParser

/// `portless down`: ends what runs in the background.
struct DownCommand: ContextCommand, NamesApps {
    static let configuration = CommandConfiguration(
        commandName: "down",
        abstract: "End what runs in the background, with all that it started.",
    )

    @Argument(help: "Apps, or processes of the project here; without any, the whole project.")
    var names: [String] = []

    func run(_ context: CommandContext) throws {
        let selection = try AppSelection(names, context, for: "down")
        try selection.refuseUnknown(context)
        let apps = SupervisedApps(server: try ServerControl(context).client())
        for choice in selection.choices {
            try apps.stop(choice)
            let what = choice.processes.map { "\($0.joined(separator: ", ")) of " } ?? ""
            context.console.print("Stopped \(what)\(choice.app)")
        }
    }
}
