import ArgumentParser

/// The commands about the proxy.
struct ProxyCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "proxy",
        abstract: "Start, stop or restart the proxy that leads names to apps.",
        discussion: "The proxy starts by itself when the first app runs.",
        subcommands: [ProxyStartCommand.self, ProxyStopCommand.self, ProxyRestartCommand.self],
    )
}
