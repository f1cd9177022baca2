import ArgumentParser
import PortlessCore
import Server

/// `portless apps show <app>`: one app with its endpoints, as they are now.
struct AppsShowCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "portless apps show",
        abstract: "Show one app: its folder, processes, ports, and who listens there.",
        usage: "portless apps show <name or id> [--json]",
    )

    @Flag(help: "Print the app as JSON.")
    var json = false

    @OptionGroup var leftovers: Leftovers

    func run(_ context: CommandContext) throws {
        let words = try leftovers.words(atMost: 1, in: "apps show", flags: ["--json"])
        let app = try context.registeredApp(words.first, usage: "portless apps show <app>")
        if json {
            context.console.print(try context.json(of: app).formatted)
            return
        }
        let known = try context.catalog().apps.first { $0.registered?.id == app.id }
        for line in AppsCommand.lines(of: known ?? CatalogApp(registered: app)) {
            context.console.print(line)
        }
        let table = try context.survey().table.rows(of: app.name)
        if !table.isEmpty {
            context.console.print("")
            context.console.print(PortTable.text(of: table))
        }
        context.console.print("")
        context.console.print("id \(app.id)")
        if let home = app.record["pm2Home"]?.string {
            context.console.print("PM2 home \(home)")
        }
    }
}
