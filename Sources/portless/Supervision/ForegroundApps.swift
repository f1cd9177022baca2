import HostSystem
import PortlessCore

/// Apps of the background with their output in this terminal, until Ctrl-C.
struct ForegroundApps {
    private static let look = Duration.seconds(1)

    let context: CommandContext
    let apps: SupervisedApps
    let plans: [SupervisionPlan]
    /// When they were brought up, in microseconds since 1970: what is older was another time's.
    let since: Int64

    /// Prints what is written until a signal, or until nothing runs any more; then takes the apps
    /// down.
    func run(until signals: SignalQueue) throws {
        for plan in plans {
            let printer = LogPrinter(context.console, processes: plan.processes.map(\.name))
            let follower = LogFollower(
                context: context,
                app: plan.app.description,
                process: nil,
            )
            SystemThread.start {
                // Ends with this process.
                try? follower.run(last: 0, after: since, printer)
            }
        }
        while signals.next(timeout: Self.look) == nil, try isAnythingActive() {}
        for plan in plans {
            context.console.say("Taking \(plan.app) down")
            let choice = AppSelection.Choice(app: plan.app.description)
            _ = try apps.change("stop", choice, context.console)
        }
    }

    private func isAnythingActive() throws -> Bool {
        try plans.contains { plan in
            try apps.processes(of: plan.app.description).contains(where: \.state.isActive)
        }
    }
}
