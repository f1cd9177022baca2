import ArgumentParser
import HostSystem
import PortlessCore

/// `portless server stop`.
struct ServerStopCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "portless server stop",
        abstract: "Stop the server. Apps that run in the background keep running.",
    )

    private static let grace = Duration.seconds(5)
    private static let pause = Duration.milliseconds(10)

    @OptionGroup var leftovers: Leftovers

    func run(_ context: CommandContext) throws {
        try leftovers.refuse(in: "server stop")
        let directory = try context.stateDirectory()
        guard let record = try directory.serverRecord(), record.process.isAlive else {
            context.console.print("Server is not running.")
            return
        }
        try end(record.process)
        // What one that had to be killed has left.
        try directory.removeServerRecord(of: record.process)
        context.console.print("Server stopped.")
    }

    private func end(_ process: ProcessIdentity) throws {
        for signal in [Signal.terminate, .kill] {
            guard process.send(signal) else {
                throw Failure(
                    "The server (PID \(process.pid)) belongs to another user.",
                    remedy: "Let that user stop it, or choose a state directory of your own.",
                )
            }
            let end = ContinuousClock.now + Self.grace
            while process.isAlive, ContinuousClock.now < end {
                SystemClock.sleep(for: Self.pause)
            }
            if !process.isAlive { return }
        }
        throw Failure(
            "The server (PID \(process.pid)) doesn't end.",
            remedy: "Look at what it waits for: ps -o pid,stat,wchan,cmd -p \(process.pid)",
        )
    }
}
