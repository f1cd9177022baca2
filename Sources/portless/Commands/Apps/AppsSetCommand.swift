import ArgumentParser
import HostSystem
import PortlessCore
import Projects
import Server

/// `portless apps set <app>`: changes how a registered app starts.
struct AppsSetCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Change how a registered app starts: by hand, or with the first request.",
        discussion: """
            What changed in the project's files takes effect, too. What runs of the app goes on as it \
            is.
            """,
    )

    @OptionGroup var options: StartOptions

    @Flag(help: "Print the stored app as JSON.")
    var json = false

    @Argument(help: "Its name or id.")
    var app: String?

    func run(_ context: CommandContext) throws {
        let usage = "portless apps set <app> --start on-request [--idle 30m]"
        let app = try KnownApps(context).registered(app, usage: usage)
        let fields = try options.fields()
        guard !fields.members.isEmpty else {
            throw Failure("Nothing is to be changed.", remedy: "Usage: \(usage)")
        }
        try SudoUser.runInBackgroundAsUser(context)
        let stored = try options.store(fields, of: app, context)
        if json {
            return context.console.print(try KnownApps(context).json(of: stored).formatted)
        }
        try options.tell(of: stored, context)
    }
}

/// The flags that say how an app starts.
struct StartOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("on-request: with the first request; or manual.", valueName: "how"),
        completion: .list(["on-request", "manual"]),
    )
    var start: String?

    @Option(
        help: ArgumentHelp(
            "Stop what only requests have started after this time without one, or never.",
            valueName: "time",
        )
    )
    var idle: String?

    /// The fields of the registry that they set.
    func fields() throws -> JSONObject {
        var fields = JSONObject()
        if let start {
            guard OnRequest.Mode(rawValue: start) != nil else {
                throw Failure(
                    "--start takes on-request or manual, and not \"\(start)\"."
                )
            }
            fields["start"] = .string(start)
        }
        if let idle {
            guard idle == "never" || OnRequest.idle(idle) != nil else {
                throw Failure(
                    "--idle takes a time, and not \"\(idle)\".",
                    remedy: "Such as 90s, 30m or 1h30m, from 1s to 365d; or never.",
                )
            }
            fields["idle"] = .string(idle)
        }
        return fields
    }

    /// Stores the fields, and has the server know how the app is started.
    func store(
        _ fields: JSONObject,
        of app: RegisteredApp,
        _ context: CommandContext,
    ) throws -> RegisteredApp {
        let server = try ServerControl(context).client()
        if !fields.members.isEmpty {
            _ = try server.put("/api/apps/\(app.id)", .object(fields))
        }
        let stored = try AppRegistry(directory: context.stateDirectory()).find(app.id).first ?? app
        guard let folder = stored.directory else { return stored }
        let project = context.moved(to: folder)
        let configuration = try project.project.configuration()
        guard stored.onRequest(otherwise: configuration.app.onRequest) != nil else { return stored }
        let plan = try AppPlanner(context: project).plan()
        _ = try server.post(
            "/api/up",
            .object(["plan": plan.json, "start": .bool(false)]),
        )
        return stored
    }

    /// Says how the app starts now, and where.
    func tell(of app: RegisteredApp, _ context: CommandContext) throws {
        let known = try KnownApps(context).catalog().apps.first { $0.registered?.id == app.id }
        guard let supervised = known?.supervised, let setting = supervised.onRequest else {
            return context.console.print("\(app.name) is started by hand: portless up")
        }
        context.console.print("\(app.name) \(setting.text).")
        for url in supervised.processes.flatMap(\.urls) { context.console.print("  \(url)") }
    }
}
