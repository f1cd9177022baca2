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

    private var stopAndStart: String { "portless \(kind) stop && portless \(kind) start" }
}
