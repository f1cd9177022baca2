import ArgumentParser

/// `portless server stop`.
struct ServerStopCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "portless server stop",
        abstract: "Stop the server. Apps that run in the background keep running.",
    )

    @OptionGroup var leftovers: Leftovers

    func run(_ context: CommandContext) throws {
        try leftovers.refuse(in: "server stop")
        let hasStopped = try ServerStopper(context: context).stop()
        context.console.print(hasStopped ? "Server stopped." : "Server is not running.")
    }
}
