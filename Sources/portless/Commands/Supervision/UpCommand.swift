import ArgumentParser
import HostSystem
import PortlessCore
import Runner
import SystemPackage

/// `portless up`: runs what the project declares, in the background.
struct UpCommand: ContextCommand, NamesApps {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Run what the project declares, in the background.",
        discussion: """
            Processes come from "processes" in portless.json, an ecosystem file of PM2, a \
            Procfile, or the "dev" script. What runs as declared already is left alone.
            """,
    )

    @Argument(help: "Apps, or processes of the project here; without any, the whole project.")
    var names: [String] = []

    @Flag(help: "Stay here with the output of all; Ctrl-C takes the apps down.")
    var foreground = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Return once every server answers; 60 seconds unless --wait=SECONDS says more.",
            valueName: "seconds",
        ),
    )
    var wait: String?

    @Flag(
        help: "Print names, URLs, ports and what failed as JSON, and tell failures by exit codes."
    )
    var json = false

    @Option(help: "The env_<name> block of an ecosystem file to use, too.")
    var env: String?

    func run(_ context: CommandContext) throws {
        guard !(json && foreground) else {
            throw Failure("--json and --foreground exclude each other.")
        }
        try SudoUser.runInBackgroundAsUser(context)
        // Before anything starts a thread.
        let signals = foreground ? SignalQueue([.interrupt, .terminate, .hangUp]) : nil
        var plans: [BringUp.Part] = []
        var since = Timestamp.now
        func bringUp() throws -> WaitReport {
            plans = try self.plans(context)
            since = .now
            return try self.bringUp(plans, context, mayBeInterrupted: !foreground)
        }
        if wait != nil || json {
            try WaitReport.present(on: context.console, asJSON: json, bringUp)
        } else {
            let outcome = try bringUp().outcome
            guard foreground || outcome == .ready else { throw ExitCode(Failure.exitCode) }
        }
        guard let signals else { return }
        try ForegroundApps(
            context: context,
            apps: SupervisedApps(server: try ServerControl(context).client()),
            plans: plans.map(\.plan),
            since: since,
        ).run(until: signals)
    }

    /// The same for a caller that shows the report itself.
    func report(_ context: CommandContext, mayBeInterrupted: Bool) throws -> WaitReport {
        try bringUp(try plans(context), context, mayBeInterrupted: mayBeInterrupted)
    }

    private func bringUp(
        _ plans: [BringUp.Part],
        _ context: CommandContext,
        mayBeInterrupted: Bool,
    ) throws -> WaitReport {
        let limit = try wait.map { try WaitLimit(argument: $0, of: "--wait") }
        let apps = SupervisedApps(server: try ServerControl(context).client())
        let report = try BringUp(
            context: context,
            apps: apps,
            limit: limit,
            interruptions: limit != nil && mayBeInterrupted ? try SignalPipe([.interrupt]) : nil,
        ).run(plans)
        guard !json else { return report }
        for (plan, _) in plans { try printTable(of: plan, asking: apps, context) }
        return report
    }

    /// What is to run of the chosen apps; nothing is started before all of it is known.
    private func plans(_ context: CommandContext) throws -> [BringUp.Part] {
        let chosen = try Failure.classified(as: .misconfigured) {
            let selection = try AppSelection(names, context)
            let chosen = try selection.choices.map { choice in
                let planner = try AppPlanner(
                    context: context.moved(to: choice.directory),
                    environmentName: env,
                )
                try planner.refuseObstacles(among: choice.processes)
                return (planner: planner, only: choice.processes, folder: choice.directory)
            }
            try refuseUnknownEnvironment(chosen.flatMap(\.planner.environments))
            return chosen
        }
        for (planner, _, folder) in chosen {
            try refuseAnother(planner.naming.name, in: folder, context)
        }
        return try chosen.map { planner, only, _ in
            for note in planner.notes { context.console.warn(note) }
            return (try planner.plan(only: only), only)
        }
    }

    /// A slip of the pen would start everything with other values than were meant.
    private func refuseUnknownEnvironment(_ known: [String]) throws {
        guard let env, !known.contains(env) else { return }
        let names = Set(known).sorted().joined(separator: ", ")
        throw Failure(
            "No process has \"env_\(env)\".",
            remedy: names.isEmpty
                ? "--env chooses among the env_<name> blocks of an ecosystem file; there are none."
                : "There are: \(names).",
        )
    }

    private func refuseAnother(
        _ app: AppName,
        in folder: FilePath?,
        _ context: CommandContext,
    ) throws {
        let folder = folder ?? context.workingDirectory
        let known = StoredApps.list(in: try context.stateDirectory()).first { $0.name == app }
        guard let known, known.directory != folder,
            known.processes.contains(where: \.state.isActive)
        else { return }
        throw Failure.ofAnotherFolder(
            known,
            remedy: """
                Take it down with `portless down \(app)`, or give this one another "name" in \
                portless.json.
                """,
        )
    }

    private func printTable(
        of plan: SupervisionPlan,
        asking apps: SupervisedApps,
        _ context: CommandContext,
    ) throws {
        let processes = try apps.processes(of: plan.app.description)
        let shown = Set(processes.flatMap(\.urls))
        for planned in plan.processes {
            for (name, url) in zip(planned.names.all, planned.urls) where !shown.contains(url) {
                context.console.warn(RegisteredNames.warning(name))
            }
        }
        let rows = processes.map { process in
            [
                process.name, process.stateTitle,
                process.usedPorts.map { "\($0.label):\($0.port)" }.joined(separator: " "),
                process.urls.joined(separator: " "),
            ]
        }
        context.console.print(
            TextTable(header: ["PROCESS", "STATE", "PORTS", "URL"], rows: rows).text
        )
    }
}

extension SupervisedProcess {
    /// The ports that it was given, with the one that it really uses in place of the main one.
    fileprivate var usedPorts: [DetectedProcess.LabeledPort] {
        guard let primaryPort, !ports.contains(where: { $0.port == primaryPort }),
            let first = ports.first
        else { return ports }
        return [.init(label: first.label, port: primaryPort)] + ports.dropFirst()
    }
}

/// Apps of the background with their output in this terminal, until Ctrl-C.
struct ForegroundApps {
    private static let look = Duration.seconds(1)

    let context: CommandContext
    let apps: SupervisedApps
    let plans: [SupervisionPlan]
    /// When they were brought up: what is older was another time's.
    let since: Timestamp

    /// Prints what is written until a signal, or until nothing runs any more; then takes the apps
    /// down.
    func run(until signals: SignalQueue) throws {
        for plan in plans {
            let names = plan.processes.map(\.name)
            let follower = LogFollower(
                context,
                app: plan.app.description,
                processes: names,
                printer: LogPrinter(context.console, processes: names),
                seen: since.microseconds,
            )
            SystemThread.start {
                // Ends with this process.
                try? follower.run()
            }
        }
        while signals.next(timeout: Self.look) == nil, try isAnythingActive() {}
        for plan in plans {
            context.console.say("Taking \(plan.app) down")
            let choice = AppSelection.Choice(app: plan.app.description)
            _ = try apps.change("stop", of: choice, context.console)
        }
    }

    private func isAnythingActive() throws -> Bool {
        try plans.contains { plan in
            try apps.processes(of: plan.app.description).contains(where: \.state.isActive)
        }
    }
}
