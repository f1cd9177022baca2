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

    @Option(help: "The env_<name> block of an ecosystem file to use, too.")
    var env: String?

    func run(_ context: CommandContext) throws {
        if let sudoUser = try SudoUser(context) {
            // What root is good for.
            _ = try ProxyControl(context).ensureRunning()
            context.console.say(
                "-- Apps in the background run as \(sudoUser.user.name), not as root."
            )
            try sudoUser.handBack(context)
        }
        // Before anything starts a thread.
        let signals = foreground ? SignalQueue([.interrupt, .terminate, .hangUp]) : nil
        let selection = try AppSelection(names, context)
        let chosen = try selection.choices.map { choice in
            let planner = try AppPlanner(
                context: context.moved(to: choice.directory),
                environmentName: env,
            )
            try refuseAnother(planner.naming.name, in: choice.directory, context)
            try planner.refuseObstacles(among: choice.processes)
            return (planner: planner, only: choice.processes)
        }
        try refuseUnknownEnvironment(chosen.flatMap(\.planner.environments))
        var plans: [(plan: SupervisionPlan, only: [String]?)] = []
        for (planner, only) in chosen {
            for note in planner.notes { context.console.warn(note) }
            plans.append((try planner.plan(only: only), only))
        }
        let since = Timestamp.now
        let apps = SupervisedApps(server: try ServerControl(context).client())
        var isUp = true
        for (plan, only) in plans {
            // Before anything is said of the app.
            try apps.server.checkHealth()
            context.console.say(styled: context.console.style.bold(plan.app.description))
            _ = try apps.up(plan, only: only, context.console)
            let progress = StartProgress(
                context,
                asking: apps,
                app: plan.app.description,
                names: only,
            )
            isUp = try progress.await() && isUp
        }
        for (plan, _) in plans { try printTable(of: plan, asking: apps, context) }
        if let signals {
            return try ForegroundApps(
                context: context,
                apps: apps,
                plans: plans.map(\.plan),
                since: since,
            ).run(until: signals)
        }
        guard isUp else { throw ExitCode(Failure.exitCode) }
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
