import ArgumentParser
import PortlessCore

/// `portless apps`: the registered apps with their processes and ports.
struct AppsCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "portless apps",
        abstract: "Show the registered apps, their processes and ports.",
        usage: "portless apps [--json]",
        discussion: """
            portless apps add [<dir>]     Register the project in a folder, with the ports it declares
            portless apps show <app>      All that is known of an app
            portless apps remove <app>    Forget it; its files and processes are left alone
            """,
    )

    @Flag(help: "Print the apps as JSON.")
    var json = false

    @OptionGroup var leftovers: Leftovers

    func run(_ context: CommandContext) throws {
        try leftovers.refuse(in: "apps", flags: ["--json"])
        let apps = try AppRegistry(directory: context.stateDirectory()).list()
        if json {
            let claims = try context.survey().claims
            context.console.print(JSONValue.array(apps.map { $0.json(claims) }).formatted)
            return
        }
        guard !apps.isEmpty else {
            context.console.print("No apps are registered.")
            context.console.print("Add the project of this folder: portless apps add .")
            return
        }
        for app in apps {
            for line in Self.lines(of: app) { context.console.print(line) }
        }
    }

    /// The app's name and folder, then each process with its ports, as the original lists them.
    static func lines(of app: RegisteredApp) -> [String] {
        let folder = app.directory.map { "  \($0)" } ?? ""
        return ["\(app.name)\(folder)"] + app.processTexts.map { "  \($0)" }
    }
}
