import HostSystem
import PortlessCore
import Projects
import Runner
import SystemPackage

/// `portless` without a command: the project's own script, or all of a workspace's.
struct ScriptCommand {
    /// What the user put behind `--`.
    let extra: [String]

    func run(_ context: CommandContext) throws -> Int32 {
        let signals = SignalQueue(ForegroundRun.signals.union(CrewRun.signals))
        let folder = context.workingDirectory
        let configuration = try context.projectConfiguration()
        let script = context.globals.script ?? configuration.app.script ?? "dev"
        let hasScript = try PackageManifest.load(in: folder)?.script(script) != nil
        let missing = try MissingScript(context, configuration)
        if !RunCommand.isBypassed(context.environment) {
            let plans = try WorkspacePlans(context: context, configuration: configuration)
                .plans(script: script, extra: extra)
            if !plans.isEmpty { return try crew(plans, context, signals) }
            if let missing { throw missing.failure }
            if !hasScript {
                let programs = try ProcfilePlans(context: context, configuration: configuration)
                    .plans()
                if !programs.isEmpty { return try crew(programs, context, signals) }
            }
        }
        guard hasScript else {
            if RunCommand.isBypassed(context.environment) {
                throw missing?.failure ?? Failure.noCommand
            }
            context.console.print(Help.main)
            return 0
        }
        let request = RunRequest(
            naming: .project(override: nil),
            command: ScriptRunner.detect(in: folder).command(script: script, extra: extra),
        )
        return try RunCommand(request: request)
            .run(context, configuration: configuration, signals: signals)
    }

    private func crew(
        _ plans: [AppPlan],
        _ context: CommandContext,
        _ signals: SignalQueue,
    ) throws -> Int32 {
        try MissingFeatures.refuse(context)
        var crew = try CrewRun(plans, context: context, signals: signals)
        return try crew.run()
    }
}
