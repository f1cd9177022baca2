import ArgumentParser
import PortlessCore
import Server

/// `portless apps show <app>`: one app with its endpoints, as they are now.
struct AppsShowCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show one app: its folder, processes, ports, and who listens there.",
    )

    @Flag(help: "Print the app as JSON.")
    var json = false

    @Argument(help: "Its name or id.")
    var app: String?

    func run(_ context: CommandContext) throws {
        let app = try KnownApps(context).registered(app, usage: "portless apps show <app>")
        if json {
            context.console.print(try KnownApps(context).json(of: app).formatted)
            return
        }
        let known = try KnownApps(context).catalog().apps.first { $0.registered?.id == app.id }
        for line in AppsCommand.lines(of: known ?? CatalogApp(registered: app)) {
            context.console.print(line)
        }
        let table = try context.portSurvey().table.rows(of: app.name)
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
