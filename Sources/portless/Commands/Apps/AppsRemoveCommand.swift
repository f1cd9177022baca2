import ArgumentParser
import PortlessCore
import Runner
import SystemPackage

/// `portless apps remove <app>`: forgets an app.
struct AppsRemoveCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Forget an app; its files and its leased ports are left alone.",
        discussion: """
            What runs in the background goes on. Of an app that doesn't run it is also forgotten \
            that it was up, with its logs.
            """,
    )

    @Flag(help: "Print what was forgotten as JSON.")
    var json = false

    @Argument(help: "Its name or id.")
    var app: String?

    func run(_ context: CommandContext) throws {
        let directory = try context.preparedStateDirectory()
        let registry = AppRegistry(directory: directory)
        let background = StoredApps.list(in: directory)
        if let word = app, try registry.find(word).isEmpty,
            let app = background.first(where: { $0.name.description == word.lowercased() })
        {
            guard !app.isActive else {
                throw Failure(
                    "\(app.name) runs in the background.",
                    remedy: "Take it down first: portless down \(app.name)",
                )
            }
            try forget(app, context)
            let object: JSONObject = [
                "name": .string(app.name.description), "repoPath": .string(app.directory.string),
            ]
            return context.console.print(
                json ? JSONValue.object(object).formatted : "Removed \(app.name)."
            )
        }
        let app = try KnownApps(context).registered(app, usage: "portless apps remove <app>")
        let answer = try KnownApps(context).json(of: app)
        try registry.remove(id: app.id)
        let idle = background.first { $0.directory == app.directory && !$0.isActive }
        if let idle { try forget(idle, context) }
        context.console.print(json ? answer.formatted : "Removed \(app.name) (\(app.id)).")
    }

    private func forget(_ app: SupervisedApp, _ context: CommandContext) throws {
        _ = try ServerControl(context).client().post("/api/apps/\(app.name)/remove")
    }
}

extension SupervisedApp {
    fileprivate var isActive: Bool { processes.contains(where: \.state.isActive) }
}
