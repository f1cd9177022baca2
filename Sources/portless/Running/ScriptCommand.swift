import HostSystem
import PortlessCore
import Projects
import Runner
import SystemPackage

/// `portless` without a command: the apps of a workspace, else the project's "dev" script, else the
/// programs of a Procfile, else the "start" script.
struct ScriptCommand {
    /// What the user put after `--`.
    let extra: [String]

    /// The queue is older than every thread but the first.
    func run(
        _ context: CommandContext,
        signals: SignalQueue = SignalQueue(ForegroundRun.signals),
    ) throws -> Int32 {
        let folder = context.workingDirectory
        let configuration = try context.project.configuration()
        let wanted = context.globals.script ?? configuration.app.script ?? "dev"
        let manifest = try PackageManifest.load(in: folder)
        let missing = try MissingScript(context, configuration)
        if !RunCommand.isBypassed(context.environment) {
            let plans = try WorkspacePlans(context: context, configuration: configuration)
                .plans(script: wanted, extra: extra)
            if !plans.isEmpty {
                let turborepo = Turborepo(context, configuration, script: wanted, extra: extra)
                return try run(plans, by: turborepo, context, signals: signals)
            }
            if let missing { throw missing.failure }
            if manifest?.script(wanted) == nil {
                let programs = try ProcfilePlans(context: context, configuration: configuration)
                    .plans()
                if !programs.isEmpty { return try run(programs, context, signals: signals) }
            }
        }
        let script = context.project.script(configuration)
        guard manifest?.script(script) != nil else {
            if let missing { throw missing.failure }
            if RunCommand.isBypassed(context.environment) { throw Failure.noCommand }
            throw try background(configuration, context)
        }
        let request = RunRequest(
            naming: .project(override: nil),
            command: PackageManager.detect(in: folder).command(script: script, extra: extra),
        )
        return try RunCommand(request: request)
            .run(context, configuration: configuration, signals: signals)
    }

    /// What only `portless up` runs, such as the processes of an ecosystem file.
    private func background(
        _ configuration: ProjectConfiguration,
        _ context: CommandContext,
    ) throws -> Failure {
        let declared = try ProjectDeclarations(context: context, configuration: configuration)
            .read()
        let names = declared.processes.map(\.name).joined(separator: ", ")
        return Failure(
            "This project's processes run in the background: \(names).",
            remedy: "Start them with: portless up",
        )
    }

    private func run(
        _ plans: [AppPlan],
        by turborepo: Turborepo? = nil,
        _ context: CommandContext,
        signals: SignalQueue,
    ) throws -> Int32 {
        try PlanRun(context: context, plans: plans, turborepo: turborepo)
            .run(signals: signals)
    }
}

/// A script that was asked for by its name, and that package.json doesn't have.
struct MissingScript: Equatable {
    let name: String
    let folder: FilePath
    /// What package.json has instead; nil where there is none.
    let others: [String]?
    /// Whether the project's configuration asks for it, and not the command line.
    let isConfigured: Bool

    /// Nil where the script is there, or none was asked for.
    init?(_ context: CommandContext, _ configuration: ProjectConfiguration) throws {
        guard let name = context.globals.script ?? configuration.app.script else { return nil }
        let manifest = try PackageManifest.load(in: context.workingDirectory)
        guard manifest?.script(name) == nil else { return nil }
        self.name = name
        folder = context.workingDirectory
        others = manifest?.scriptNames
        isConfigured = context.globals.script == nil
    }

    var failure: Failure {
        let file = folder.appending("package.json")
        let remedy =
            switch others {
            case nil: "There is no such file. Run portless in the project's folder."
            case let names? where names.isEmpty: "It has no scripts at all."
            case let names?: "Its scripts: \(names.joined(separator: ", "))."
            }
        let source = isConfigured ? " The project's portless configuration asks for it." : ""
        return Failure(
            "No command provided: there is no script \"\(name)\" in \(file).",
            remedy: remedy + source,
        )
    }
}
