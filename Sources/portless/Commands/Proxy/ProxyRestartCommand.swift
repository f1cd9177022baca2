import ArgumentParser
import HostSystem
import PortlessCore

/// `portless proxy restart`: the same proxy anew, as after an upgrade.
struct ProxyRestartCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "portless proxy restart",
        abstract: "Stop the proxy and start it with the same settings.",
        discussion: "Apps keep running; their names answer again in a moment.",
    )

    @OptionGroup var leftovers: Leftovers

    func run(_ context: CommandContext) throws {
        try leftovers.refuse(in: "proxy restart")
        // What it was started with is nowhere as exact as in its own arguments.
        let process = try context.stateDirectory().proxyMarkers().process
        let words = process.flatMap { ProcessDetails.commandLine(of: $0.pid) } ?? []
        let flags = words.drop { $0 != "start" }.dropFirst().filter { $0 != "--foreground" }
        let isOurs = words.contains("proxy") && process?.startTime != nil
        let start = try ProxyStartCommand.parse(isOurs ? Array(flags) : [])
        switch try ProxyStopper(context: context).stop() {
        case .stopped, .notRunning, .recycled: break
        case .otherPort(let port), .unknownProcess(let port):
            throw Failure("A proxy with another state directory runs on port \(port).")
        }
        let environment = try ProxyRequest(environment: context.environment)
        let request = try environment.overridden(by: start.request(context))
        try start.launch(request, context)
    }
}
