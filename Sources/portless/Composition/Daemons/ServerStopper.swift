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
            try proven(record),
            .server,
            ifForeign: "Let that user stop it, or choose a state directory of your own.",
        )
        // What one that had to be killed has left.
        try directory.removeServerRecord(of: record.process)
        return true
    }

    /// An older version has written down less than what proves that the process is the server: then
    /// it has to be one of ours that listens.
    private func proven(_ record: ServerRecord) throws -> ProcessIdentity {
        let pid = record.process.pid
        guard record.process.standing != .elsewhere else {
            throw Failure(
                "The server (PID \(pid)) runs in another container.",
                remedy: "Stop it there.",
            )
        }
        let process = record.process.proven(byListeningOn: record.port.rawValue)
        guard let process,
            record.process.isVerified
                || ProcessDetails.commandLine(of: pid)?.contains("server") == true
        else {
            let directory = try context.stateDirectory()
            throw Failure(
                "Nothing shows that process \(pid) is the server, as \(directory.serverFile) says.",
                remedy: "If it isn't, remove that file.",
            )
        }
        return process
    }
}
