import HostSystem
import PortlessCore
import Runner
import SystemPackage

/// Starts a daemon's holder as a process of its own, and awaits that the daemon serves.
struct DaemonStart: Sendable {
    /// Above the holder's own limit for the start of its daemon.
    private static let patience = Duration.seconds(25)

    let kind: DaemonKind
    /// After `portless <kind> start --foreground --detached`.
    let arguments: [String]
    /// Sockets that the holder gets.
    var sockets: [FileDescriptor] = []

    /// Returns once the daemon serves; its own words are thrown where it can't.
    func run(_ context: CommandContext, _ directory: StateDirectory) throws {
        let (own, theirs) = try LocalSocket.pair()
        defer { try? own.close() }
        let log = kind.log(in: directory)
        let child = try spawn(context, directory, log: log, connection: theirs)
        let report = StartReport.receive(from: own, within: Self.patience)
        let remedy = "See \(log), or try: portless \(kind) start --foreground"
        switch report {
        case .ready: return
        case .failed(let sentence, let ownRemedy):
            throw Failure(sentence, remedy: ownRemedy ?? remedy)
        case nil:
            guard case .ended(let end)? = try? child.change() else {
                throw Failure(
                    "The \(kind) didn't start within \(Self.patience.components.seconds) seconds.",
                    remedy: remedy,
                )
            }
            try child.reap()
            throw Failure(
                "The \(kind) ended while it started, by \(end.reason).",
                remedy: remedy,
            )
        }
    }

    private func spawn(
        _ context: CommandContext,
        _ directory: StateDirectory,
        log: FilePath,
        connection: FileDescriptor,
    ) throws -> ChildProcess {
        defer { try? connection.close() }
        var daemon = Daemon(
            executable: context.executable,
            arguments: [kind.rawValue, "start", "--foreground", "--detached"] + arguments,
            environment: context.environment(for: directory).merging(["NO_COLOR": "1"]) { $1 },
            log: log,
        )
        daemon.name = "portless"
        daemon.workingDirectory = "/"
        daemon.standardInput = connection
        daemon.logOwner = directory.owner
        daemon.passedListeners = sockets
        return try daemon.spawn()
    }
}

extension StartReport {
    /// What a daemon or its holder says of the error that keeps it from starting.
    static func failed(_ error: any Error) -> StartReport {
        let lines = String(describing: error)
            .split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
        return .failed(
            sentence: lines.first.map { String($0) } ?? "",
            remedy: lines.count > 1 ? String(lines[1]) : nil,
        )
    }
}
