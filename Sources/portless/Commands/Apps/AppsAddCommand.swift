import ArgumentParser
import HostSystem
import PortlessCore
import Projects
import Server
import SystemPackage

/// `portless apps add [dir]`: registers a project with what its files declare.
struct AppsAddCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Register the project in a folder, with the ports that its files declare.",
        discussion: """
            Shows what was found before it is stored. Adding a folder again brings what is stored \
            up to date. In a linked git worktree the name gets the branch's prefix.
            """,
    )

    @OptionGroup var options: StartOptions

    @Flag(help: "Print the stored app as JSON.")
    var json = false

    @Argument(help: "The project's folder.")
    var dir = "."

    func run(_ context: CommandContext) throws {
        let fields = try options.fields()
        let project = try Project(at: dir, context)
        let (folder, detected) = (project.folder, project.registrable)
        let registry = AppRegistry(directory: try context.preparedStateDirectory())
        let known = try registry.list().first { $0.directory == folder }
        // What is stored stays until the files can be read again.
        if let known, let reason = detected.whyUnreadable(known.name) { throw Failure(reason) }
        if !json {
            context.console.print("\(detected.name)  \(folder)")
            if !detected.text.isEmpty { context.console.print(detected.text) }
        }
        var app = try registry.add(RegisteredApp(folder: folder, detected: detected))
        // Files that can't be read have been told of.
        let own = try? context.moved(to: folder).project.configuration().app.onRequest
        let startsOnRequest = app.onRequest(otherwise: own) != nil || !fields.members.isEmpty
        if startsOnRequest {
            try SudoUser.runInBackgroundAsUser(context)
            app = try options.store(fields, of: app, context)
        }
        if json {
            context.console.print(try KnownApps(context).json(of: app).formatted)
        } else {
            context.console.say("\(known != nil ? "Updated" : "Added") \(app.name) (\(app.id)).")
            if startsOnRequest { try options.tell(of: app, context) }
        }
    }
}
