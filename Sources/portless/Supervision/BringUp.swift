import ArgumentParser
import HostSystem
import PortlessCore
import Runner

/// Starts plans in the background and waits for them, for `up`, `run --detach` and agents alike.
struct BringUp {
    /// What to run of an app; nil: all of it.
    typealias Part = (plan: SupervisionPlan, only: [String]?)

    let context: CommandContext
    let apps: SupervisedApps
    /// Nil: until every process listens or has failed, whether servers answer or not.
    var limit: WaitLimit?
    /// Ends the waiting and nothing else; nil: there is none, and Ctrl-C ends the command.
    var interruptions: SignalPipe?

    func run(_ parts: [Part]) throws -> WaitReport {
        try wait(for: parts.map { ($0.plan.app, $0.only) }) { index in
            _ = try apps.up(parts[index].plan, only: parts[index].only, context.console)
        }
    }

    /// Waits for apps that run, in turn; `start` is called before each.
    func wait(
        for parts: [(app: AppName, only: [String]?)],
        starting start: (Int) throws -> Void = { _ in },
    ) throws -> WaitReport {
        let goal = StartProgress.Goal(
            awaitsAnswers: limit != nil,
            limit: limit,
            interruptions: interruptions,
        )
        var report = WaitReport(.ready, [])
        for (index, part) in parts.enumerated() {
            // Before anything is said of the app.
            try apps.server.checkHealth()
            context.console.say(styled: context.console.style.bold(part.app.description))
            let since = Timestamp.now
            try start(index)
            let progress = try StartProgress(
                context,
                asking: apps,
                app: part.app.description,
                names: part.only,
                goal: goal,
                since: since,
            )
            let outcome = try progress.await()
            report.apps.append(progress.report(outcome))
            if report.outcome == .ready { report.outcome = outcome }
            if outcome == .interrupted { break }
        }
        return report
    }
}

extension WaitReport {
    /// Prints the report that `body` makes, or the error that it throws, and exits with its code.
    static func present(
        on console: Console,
        asJSON: Bool,
        _ body: () throws -> WaitReport,
    ) throws {
        let report: WaitReport
        do {
            report = try body()
        } catch {
            report = WaitReport(error)
        }
        if let error = report.error { console.report(error) }
        if asJSON { console.print(report.json.formatted) }
        guard report.outcome == .ready else { throw ExitCode(report.outcome.rawValue) }
    }
}
