import HostSystem
import PortlessCore
import Projects
import Runner

/// Named mode and run mode: `portless <name> <command…>`, `portless run [command…]`.
struct RunCommand {
    let request: RunRequest

    /// The queue is older than every thread but the first.
    func run(
        _ context: CommandContext,
        configuration known: ProjectConfiguration? = nil,
        signals: SignalQueue = SignalQueue(ForegroundRun.signals),
    ) throws -> Int32 {
        var context = context
        // The app's own calls of portless then use the same names.
        if let prefix = request.prefix { context.environment[Project.prefixVariable] = prefix }
        let isBypassed = Self.isBypassed(context.environment)
        if isBypassed, !request.command.isEmpty {
            return try runAlone(request.command, context, signals: signals)
        }
        let configuration = try known ?? context.project.configuration()
        let command = try command(configuration, context)
        guard !isBypassed else { return try runAlone(command, context, signals: signals) }
        let naming = try naming(configuration, context)
        var plan = AppPlan(alone: naming, command: command, in: context.workingDirectory)
        plan.fixedPort =
            try request.appPort ?? AppPort.fromEnvironment(context.environment)
            ?? configuration.app.appPort
        plan.ports = configuration.app.ports
        plan.path = try request.path.path(context.environment, configuration.app)
        plan.upstreamProtocol = request.upstreamProtocol
        plan.variables =
            try WorkspaceSiblings.variables(around: context.workingDirectory)
            + configuration.app.environment
        var run = PlanRun(context: context, plans: [plan], naming: naming, force: request.force)
        run.additions = WorkspaceSiblings(context: context, own: naming.name).variables
        return try run.run(signals: signals)
    }

    /// What was typed, else the project's script.
    func command(
        _ configuration: ProjectConfiguration,
        _ context: CommandContext,
    ) throws -> [String] {
        if !request.command.isEmpty { return request.command }
        let folder = context.workingDirectory
        let script = context.project.script(configuration)
        guard case .project = request.naming else { throw Failure.noCommand }
        if let missing = try MissingScript(context, configuration) { throw missing.failure }
        guard try PackageManifest.load(in: folder)?.script(script) != nil else {
            throw Failure.noCommand
        }
        return PackageManager.detect(in: folder).command(script: script)
    }

    /// Whether `PORTLESS` says that commands shall run as if we weren't there.
    static func isBypassed(_ environment: [String: String]) -> Bool {
        ["0", "false", "skip"].contains(environment["PORTLESS"])
    }

    func naming(
        _ configuration: ProjectConfiguration,
        _ context: CommandContext,
    ) throws -> AppNaming {
        switch request.naming {
        case .exactly(let text):
            return try AppNaming(exactly: text)
        case .project(let override?):
            return try context.project.naming(override, from: .flag)
        case .project(nil):
            return try context.project.naming(configuration)
        }
    }

    private func runAlone(
        _ command: [String],
        _ context: CommandContext,
        signals: SignalQueue,
    ) throws -> Int32 {
        var run = ForegroundRun(
            alone: true,
            signals: signals,
            guardian: nil,
            killTimeout: context.globals.killLimit,
        )
        let start = AppStart(command: command, environment: context.project.environment)
        _ = try context.startApp(start, &run)
        return try run.wait().exitCode
    }
}
