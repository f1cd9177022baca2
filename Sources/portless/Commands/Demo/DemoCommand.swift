import ArgumentParser
import HostSystem
import Machine
import PortlessCore
import Runner
import SystemPackage

/// `portless demo`: an app of our own behind its name, checked and then shown.
struct DemoCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Run a small app behind https://demo.localhost and check it.",
        discussion: "It stays until Ctrl-C.",
    )

    @Flag(help: "End after the check, with 0 if it succeeded and 1 if not.")
    var once = false

    func run(_ context: CommandContext) throws {
        let signals = SignalQueue(ForegroundRun.signals)
        let program = OwnExecutable.installedPath ?? context.executable
        var result: Result<DemoCheck.Finding, any Error>?
        let naming = try AppNaming(exactly: "demo")
        let plan = AppPlan(
            alone: naming,
            command: [program.string, DemoAppCommand.word],
            in: context.workingDirectory,
        )
        var run = PlanRun(context: context, plans: [plan], naming: naming)
        run.additions = { proxy in
            try DemoCheck(directory: proxy.stateDirectory).authority()?.environment ?? [:]
        }
        run.whenStarted = { app in
            let outcome = Result { try DemoCheck(directory: app.proxy.stateDirectory).run(app) }
            report(outcome, of: app, context)
            result = outcome
            if once { app.group.send(.terminate) }
        }
        _ = try run.run(signals: signals)
        guard case .success = result else { throw ExitCode(Failure.exitCode) }
    }

    private func report(
        _ outcome: Result<DemoCheck.Finding, any Error>,
        of app: StartedApp,
        _ context: CommandContext,
    ) {
        let console = context.console
        switch outcome {
        case .success(let finding):
            console.print(styled: console.style.bold(app.url))
            console.print(finding.sentence)
            if once { return }
            if app.proxy.usesTLS, !TrustMarker(directory: app.proxy.stateDirectory).isSet {
                console.say("Browsers will warn until this machine trusts it: portless trust")
            }
            console.say("Ctrl-C ends the demo.")
        case .failure(let error):
            console.report(error)
        }
    }
}
