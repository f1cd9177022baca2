import ArgumentParser
import PortlessCore

/// `portless apps remove <app>`: forgets an app.
struct AppsRemoveCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "portless apps remove",
        abstract: "Forget an app; its files, its processes and its leased ports are left alone.",
        usage: "portless apps remove <name or id> [--json]",
    )

    @Flag(help: "Print what was forgotten as JSON.")
    var json = false

    @OptionGroup var leftovers: Leftovers

    func run(_ context: CommandContext) throws {
        let words = try leftovers.words(atMost: 1, in: "apps remove", flags: ["--json"])
        let app = try context.registeredApp(words.first, usage: "portless apps remove <app>")
        let registry = AppRegistry(directory: try context.preparedStateDirectory())
        try registry.remove(id: app.id)
        if json {
            context.console.print(try context.json(of: app).formatted)
        } else {
            context.console.print("Removed \(app.name) (\(app.id)).")
        }
    }
}
