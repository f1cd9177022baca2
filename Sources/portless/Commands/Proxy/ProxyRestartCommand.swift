import ArgumentParser
import PortlessCore

/// `portless proxy restart`: replaces the proxy's process, as after an upgrade.
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
        guard try ProxyControl(context).restart() else {
            // As the last one was, if that one was killed or given up.
            let request = try context.proxyRequest()
            let markers = try context.stateDirectory().proxyMarkers()
            var start = try ProxyStartCommand.parse([])
            start.mayFallBack = request.port == nil
            return try start.launch(request.continuing(markers), on: nil, context)
        }
        context.console.print("Proxy restarted on port \(try context.describeProxy().port).")
    }
}
