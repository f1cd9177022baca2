import HostSystem
import PortlessCore

/// Ends a daemon's holder, and with it the daemon, and waits until it is gone.
struct DaemonStop {
    enum Outcome: Equatable {
        case stopped
        case notRunning
        /// The state directory names a PID which is another process's by now.
        case recycled(Int32)
    }

    let kind: DaemonKind
    let directory: StateDirectory
    var processes = ProcessControl.live

    /// `isOurs` recognizes the daemon where nothing that was recorded proves which process it is.
    func run(isOurs: (ProcessIdentity) -> Bool) throws -> Outcome {
        guard let (process, port) = try kind.entry(in: directory) else { return .notRunning }
        guard process.isAlive else {
            try kind.removeNames(of: process, in: directory)
            return .notRunning
        }
        guard process.standing != .elsewhere else {
            throw Failure(
                "The \(kind) (PID \(process.pid)) runs in another container.",
                remedy: "Stop it there.",
            )
        }
        guard process.isVerified || isOurs(process) else { return .recycled(process.pid) }
        guard let proven = process.proven(byListeningOn: port?.rawValue) else {
            throw kind.unproven(process.pid, in: directory)
        }
        try end(proven)
        // What one that had to be killed has left.
        try kind.removeNames(of: process, in: directory)
        return .stopped
    }

    /// Ends a process that is known to be the holder.
    func end(_ process: ProcessIdentity) throws {
        let outcome = Escalation(grace: .seconds(5), afterForce: .seconds(5)).run(
            send: { processes.send(process, $0) },
            isOver: { !processes.isAlive(process) },
        )
        switch outcome {
        case .ended, .forced: kind.awaitFree(in: directory)
        case .refused:
            throw Failure(
                "The \(kind) (PID \(process.pid)) belongs to another user.",
                remedy: kind.remedyForForeign,
            )
        case .failed:
            throw Failure(
                "The \(kind) (PID \(process.pid)) doesn't end.",
                remedy:
                    "Look at what it waits for: ps -o pid,stat,wchan,cmd -p \(process.pid)",
            )
        }
    }
}

extension DaemonKind {
    func unproven(_ pid: Int32, in directory: StateDirectory) -> Failure {
        switch self {
        case .proxy:
            Failure(
                "Nothing shows that the proxy is process \(pid), as its pid file says.",
                remedy: "If it is another user's: sudo portless proxy stop",
            )
        case .server:
            Failure(
                "Nothing shows that process \(pid) is the server, as \(directory[.serverFile]) says.",
                remedy: "If it isn't, remove that file.",
            )
        }
    }

    fileprivate var remedyForForeign: String {
        switch self {
        case .proxy: "Stop it with: sudo portless proxy stop"
        case .server: "Let that user stop it, or choose a state directory of your own."
        }
    }
}
