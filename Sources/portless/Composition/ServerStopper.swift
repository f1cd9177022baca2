import HostSystem
import PortlessCore

/// Ends the server of a state directory and waits until it is gone; apps go on under their keepers.
struct ServerStopper {
    private static let grace = Duration.seconds(5)
    private static let pause = Duration.milliseconds(10)

    let context: CommandContext

    /// False if none ran.
    func stop() throws -> Bool {
        let directory = try context.stateDirectory()
        guard let record = try directory.serverRecord() else { return false }
        guard record.process.isAlive else {
            try directory.removeServerRecord(of: record.process)
            return false
        }
        try end(record.process)
        // What one that had to be killed has left.
        try directory.removeServerRecord(of: record.process)
        return true
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
