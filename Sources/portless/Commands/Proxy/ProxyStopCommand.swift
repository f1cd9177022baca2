import ArgumentParser
import Machine
import PortlessCore

/// `portless proxy stop`.
struct ProxyStopCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "Stop the proxy. Running apps keep running, and their names wait.",
    )

    @Option(name: [.short, .long], help: "Only a proxy on this port.")
    var port: String?

    func run(_ context: CommandContext) throws {
        let only = try port.map { try Port(argument: $0) }
        let outcome = try ProxyControl(context).stop(onlyPort: only)
        context.console.print(outcome.sentence)
        guard outcome == .stopped, let control = try? ServiceControl(context),
            let service = control.installed(of: try context.stateDirectory())
                .first(where: { $0.daemon == .proxy })
        else { return }
        let when = service.hasSockets ? "with the next request" : "with the next app or login"
        context.console.say(
            "It is a service and starts again \(when). To end that: portless service uninstall"
        )
    }
}

extension ProxyControl.Stop {
    fileprivate var sentence: String {
        switch self {
        case .stopped: "Proxy stopped."
        case .notRunning: "Proxy is not running."
        case .otherPort(let port): "Proxy is not running on that port; it runs on port \(port)."
        case .recycled(let pid):
            "Proxy is not running; PID \(pid) of its pid file now belongs to another process."
        case .unknownProcess(let port):
            "A proxy with another state directory runs on port \(port); this command can't stop it."
        }
    }
}
