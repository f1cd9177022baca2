import HostSystem
import PortlessCore
import Runner

/// Has this program's daemon take the place of the one that runs, on the same sockets.
struct DaemonReplacement {
    let kind: DaemonKind
    let directory: StateDirectory

    /// Returns once the new one serves.
    ///
    /// Where it can't, the one before it goes on, and its reason
    /// is thrown.
    func run() throws {
        guard let program = OwnExecutable.installedPath,
            let client = HolderClient(folder: directory.path, socketName: kind.socketName)
        else {
            throw Failure(
                "The \(kind) that runs can't be replaced by this command.",
                remedy: "Stop it and start it again: \(stopAndStart)",
            )
        }
        switch client.replace(with: program) {
        case .ready: return
        case .failed(let sentence, let remedy):
            throw Failure(
                "The \(kind) couldn't be restarted, and goes on as it is: \(sentence)",
                remedy: remedy ?? "See \(kind.log(in: directory))",
            )
        case nil:
            throw Failure(
                "The \(kind)'s holder doesn't answer.",
                remedy: "Stop it and start it again: \(stopAndStart)",
            )
        }
    }

    /// Puts this version in the place of an older one; newer ones and the original's stay.
    ///
    /// Of many commands that notice it at once, one replaces the daemon.
    func upgrade(_ console: Console, version: () throws -> String?) throws {
        func outdated() throws -> Version? {
            try version().flatMap { Version($0) }.flatMap { $0 < Version.current ? $0 : nil }
        }
        guard try outdated() != nil else { return }
        try kind.withStartLock(in: directory) {
            guard let running = try outdated() else { return }
            console.say("-- The \(kind) is version \(running); restarting it as \(Version.current)")
            try run()
        }
    }

    private var stopAndStart: String { "portless \(kind) stop && portless \(kind) start" }
}
