import ArgumentParser
import Machine
import PortlessCore

/// `portless dns uninstall`: undoes `portless dns install`.
struct DNSUninstallCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "uninstall",
        abstract: "Let the resolver ask as before, and end the proxy's answers.",
    )

    // For the call under sudo by a command that does the rest.
    @Flag(help: .hidden) var filesOnly = false

    func run(_ context: CommandContext) throws {
        let wasInstalled = try DNSControl(context).uninstall(mayElevate: !filesOnly)
        guard !filesOnly else { return }
        let directory = try context.stateDirectory()
        let port = try directory.dnsPort()
        if let port {
            try directory.setDNSPort(nil)
            if DNSControl(context).holder(of: port) == .proxy {
                _ = try ProxyControl(context).restart()
            }
        }
        context.console.print(
            wasInstalled || port != nil
                ? "The resolver asks as before, and the proxy answers no DNS."
                : "Nothing to undo: the resolver doesn't ask Portless."
        )
    }
}
