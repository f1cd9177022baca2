import ArgumentParser

/// `portless server stop`.
struct ServerStopCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "Stop the server. Apps that run in the background keep running.",
    )

    func run(_ context: CommandContext) throws {
        let hasStopped = try ServerControl(context).stop()
        context.console.print(hasStopped ? "Server stopped." : "Server is not running.")
    }
}
