import ArgumentParser

/// The commands about the server.
struct ServerCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "server",
        abstract: "Start or stop the server, which has the API and runs apps in the background.",
        discussion: """
            It listens on loopback, on port 5555 or PORTLESS_API_PORT. While it speaks HTTPS there, \
            port 5553 or PORTLESS_API_LOCAL_PORT answers plain HTTP, on loopback only.
            """,
        subcommands: [
            ServerStartCommand.self, ServerStopCommand.self, ServerStatusCommand.self,
            ServerCertCommand.self,
        ],
    )
}
