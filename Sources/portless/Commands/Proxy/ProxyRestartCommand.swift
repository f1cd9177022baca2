import ArgumentParser
import PortlessCore

/// `portless proxy restart`: the same proxy anew, as after an upgrade.
struct ProxyRestartCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "restart",
        abstract: "Let this version of the program take the running proxy's place.",
        discussion: """
            It has the same settings and takes over the open ports: no password is asked for, and \
            no connection is dropped.
            """,
    )

    func run(_ context: CommandContext) throws {
        switch try ProxyRestarter(context: context).restart() {
        case .restarted:
            let proxy = try context.describeProxy()
            context.console.print("Proxy restarted on port \(proxy.port).")
        case .notRunning:
            let request = try ProxyRequest(environment: context.environment)
            try ProxyStartCommand.parse([]).launch(request, nil, context)
        }
    }
}
