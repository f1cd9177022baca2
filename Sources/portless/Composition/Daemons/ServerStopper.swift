import HostSystem
import PortlessCore

/// Ends the server of a state directory and waits until it is gone; apps go on under their keepers.
struct ServerStopper {
    let context: CommandContext

    /// False if none ran.
    func stop() throws -> Bool {
        let directory = try context.stateDirectory()
        guard let record = try directory.serverRecord() else { return false }
        guard record.process.isAlive else {
            try directory.removeServerRecord(of: record.process)
            return false
        }
        try DaemonEnd.end(
            record.process,
            .server,
            ifForeign: "Let that user stop it, or choose a state directory of your own.",
        )
        // What one that had to be killed has left.
        try directory.removeServerRecord(of: record.process)
        return true
    }
}
