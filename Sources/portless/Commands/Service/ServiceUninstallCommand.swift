import ArgumentParser
import Machine
import PortlessCore

/// `portless service uninstall`: undoes `portless service install`, and what the npm original did.
struct ServiceUninstallCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "uninstall",
        abstract: "Stop the services and remove them; the proxy starts with the next app again.",
    )

    @Argument(help: "proxy or server; both unless given.")
    var daemons: [String] = []

    func run(_ context: CommandContext) throws {
        let control = try ServiceControl(context)
        let wanted = try daemons.map { word in
            guard let daemon = ServiceJob.Daemon(rawValue: word) else {
                throw Failure(
                    "There is no service \"\(word)\".",
                    remedy: "It is proxy, or server.",
                )
            }
            return daemon
        }
        var removed = 0
        for daemon in ServiceJob.Daemon.allCases where wanted.isEmpty || wanted.contains(daemon) {
            for scope in ServiceJob.Scope.allCases {
                let file = control.services.file(daemon, scope)
                guard try control.uninstall(daemon, scope) else { continue }
                removed += 1
                context.console.print("The \(daemon.rawValue) is no service any more: \(file)")
            }
        }
        if removed == 0 { context.console.print("No service is installed.") }
    }
}
