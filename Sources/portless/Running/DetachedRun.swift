import ArgumentParser
import HostSystem
import PortlessCore
import Projects
import Runner
import SystemPackage

/// `run --detach`: one command under a keeper, as `up` runs what a project declares.
struct DetachedRun {
    let request: RunRequest
    let detachment: RunRequest.Detachment

    func run(_ context: CommandContext) throws -> Int32 {
        do {
            try SudoUser.runInBackgroundAsUser(context)
            try WaitReport.present(on: context.console, asJSON: detachment.json) {
                try start(context)
            }
            return 0
        } catch let code as ExitCode {
            return code.rawValue
        }
    }

    private func start(_ context: CommandContext) throws -> WaitReport {
        var context = context
        if let prefix = request.prefix { context.environment[Project.prefixVariable] = prefix }
        guard !RunCommand.isBypassed(context.environment) else {
            throw Failure(
                "PORTLESS=\(context.environment["PORTLESS"] ?? "") says that nothing runs here.",
                remedy: "Without Portless there is no --detach: run the command itself.",
            )
        }
        let sharing = SharingRequest(context)
        guard sharing.isEmpty else {
            throw Failure(
                "\(sharing.flags) goes with a run in the terminal, which ends it with the app.",
                remedy: "Start the app without it, then: portless share <name> \(sharing.flags)",
            )
        }
        let limit = try WaitLimit(
            argument: detachment.wait ?? String(WaitLimit.usualSeconds),
            of: "--wait",
        )
        let planner = try Failure.classified(as: .misconfigured) { try plannedRun(context) }
        let app = planner.naming.name
        let active = StoredApps.list(in: try context.stateDirectory())
            .first { $0.name == app && $0.processes.contains(where: \.state.isActive) }
        if let active, active.directory != context.workingDirectory {
            throw Failure.ofAnotherFolder(
                active,
                remedy: "Take it down with `portless down \(app)`, or give this one another name.",
            )
        }
        let plan = try planner.plan()
        let apps = SupervisedApps(server: try ServerControl(context).client())
        let bringUp = BringUp(
            context: context,
            apps: apps,
            limit: limit,
            interruptions: try SignalPipe([.interrupt]),
        )
        let report: WaitReport
        if active == nil {
            try refuseTakenNames(of: plan, context)
            report = try bringUp.run([(plan, nil)])
        } else {
            try refuseAnotherCommand(plan, context)
            context.console.say("\(app) runs already.")
            report = try bringUp.wait(for: [(app, nil)])
        }
        if report.outcome == .ready, !detachment.json {
            for url in report.apps.flatMap(\.processes).flatMap(\.urls) {
                context.console.print(url)
            }
        }
        return report
    }

    private func plannedRun(_ context: CommandContext) throws -> AppPlanner {
        let configuration = try context.project.configuration()
        let run = RunCommand(request: request)
        let command = try run.command(configuration, context)
        let naming = try run.naming(configuration, context)
        let folder = context.workingDirectory
        let label = naming.name.description.prefix { $0 != "." }
        var process = DeclaredProcess(
            name: ProcessName.made(of: String(label)) ?? "app",
            command: command,
            directory: folder,
        )
        let text = CommandText.text(of: command)
        process.wantsPort =
            configuration.app.isProxied
            ?? ServerCommand.serves(text, in: CommandFolder(folder)) ?? true
        process.showsPages = ServerCommand.showsPages(text, in: CommandFolder(folder))
        return AppPlanner(
            context: context,
            running: process,
            as: naming,
            configuration,
            fixedPort: try request.appPort ?? AppPort.fromEnvironment(context.environment),
            path: try request.path.path(context.environment, configuration.app),
        )
    }

    /// A run in a terminal or an alias that has the name keeps it.
    private func refuseTakenNames(of plan: SupervisionPlan, _ context: CommandContext) throws {
        let names = plan.processes.flatMap { process in
            process.names.own.map { (hostname: $0, path: process.names.path) }
        }
        for entry in try context.routes().list() where !entry.givesWay {
            let found = names.first { PathSelection.only($0.path).picks(entry, of: $0.hostname) }
            guard let (name, path) = found else { continue }
            let taken: RoutesError =
                switch entry.owner {
                case .alias: .isAlias(name, path: path)
                case .process(let process):
                    .alreadyRegistered(
                        name,
                        path: path,
                        pid: process.pid,
                        folder: process.standing == .elsewhere
                            ? nil : context.processes.details(process.pid).folder,
                    )
                }
            throw taken
        }
    }

    private func refuseAnotherCommand(_ plan: SupervisionPlan, _ context: CommandContext) throws {
        let running = try KeeperFolder(of: plan.app, in: context.stateDirectory()).readPlan()
        guard let running, running.processes.map(\.command) != plan.processes.map(\.command)
        else { return }
        let commands = running.processes.map { CommandText.text(of: $0.command) }
        throw Failure(
            """
            \(plan.app) runs already from this folder, with another command: \
            \(commands.joined(separator: "; ")).
            """,
            remedy: "Take it down first: portless down \(plan.app)",
        )
    }
}
