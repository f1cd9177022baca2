import HostSystem
import PortlessCore
import Runner
import SystemPackage

/// Starts the server as a process of its own that outlives the command.
struct ServerLauncher {
    enum Outcome {
        case started(ServerRecord)
        case alreadyRunning(ServerRecord)

        var record: ServerRecord {
            switch self {
            case .started(let record), .alreadyRunning(let record): record
            }
        }
    }

    private static let patience = Duration.seconds(20)
    private static let pause = Duration.milliseconds(10)
    private static let errorMark = "Error: "

    let context: CommandContext

    /// The server of this state directory, started if there is none.
    func ensureRunning() throws -> ServerRecord {
        guard let record = try running() else {
            return try start(host: nil, mayFallBack: true).record
        }
        return try upgrade(record)
    }

    /// A server of an older version makes room for this one; apps go on meanwhile.
    private func upgrade(_ record: ServerRecord) throws -> ServerRecord {
        guard let version = Version(record.version), version < Version.current else {
            return record
        }
        context.console.say(
            "-- The server is version \(version); restarting it as \(Version.current)"
        )
        let directory = try context.stateDirectory()
        try FileLock.withLock(at: directory.serverLock, owner: directory.owner) {
            // Another command may have done it meanwhile.
            guard try directory.serverRecord()?.process == record.process else { return }
            _ = try ServerStopper(context: context).stop()
        }
        let host = record.host == "127.0.0.1" ? nil : record.host
        return try start(host: host, mayFallBack: true).record
    }

    /// The server that runs now.
    func running() throws -> ServerRecord? {
        guard let record = try context.stateDirectory().serverRecord(), record.process.isAlive
        else { return nil }
        return record
    }

    /// Of many commands that start at once, one starts the server and the others find it running.
    func start(host: String?, mayFallBack: Bool) throws -> Outcome {
        let directory = try context.preparedStateDirectory()
        return try FileLock.withLock(at: directory.serverLock, owner: directory.owner) {
            if let record = try running() { return .alreadyRunning(record) }
            return .started(try launch(host, mayFallBack: mayFallBack, directory))
        }
    }

    private func launch(
        _ host: String?,
        mayFallBack: Bool,
        _ directory: StateDirectory,
    ) throws -> ServerRecord {
        var arguments = ["server", "start", "--foreground", "--detached"]
        if let host { arguments += ["--host", host] }
        let settings = try ServerSettings(environment: context.environment)
        if mayFallBack, !settings.isPortChosen { arguments.append("--may-fall-back") }
        var daemon = Daemon(
            executable: context.executable,
            arguments: arguments,
            environment: context.environment.merging([
                "PORTLESS_STATE_DIR": directory.path.string, "NO_COLOR": "1",
            ]) { $1 },
            log: directory.serverLog,
        )
        daemon.name = "portless"
        daemon.workingDirectory = "/"
        daemon.logOwner = directory.owner
        let start = try FileStatus.of(directory.serverLog)?.size ?? 0
        let child = try daemon.spawn()
        let end = ContinuousClock.now + Self.patience
        while ContinuousClock.now < end {
            if case .ended = try child.change() {
                try child.reap()
                throw failure(directory, from: start)
            }
            if let record = try running(), record.process.pid == child.pid { return record }
            SystemClock.sleep(for: Self.pause)
        }
        throw failure(directory, from: start)
    }

    /// The daemon's own last words, which it can only leave in its log.
    private func failure(_ directory: StateDirectory, from start: Int64) -> Failure {
        let log = (try? AtomicFile.read(directory.serverLog)) ?? []
        let words = String(decoding: log.dropFirst(Int(start)), as: UTF8.self)
        let lines = words.split(separator: "\n").drop { !$0.hasPrefix(Self.errorMark) }
        if let sentence = lines.first {
            let remedy = lines.dropFirst().joined(separator: "\n")
            return Failure(
                String(sentence.dropFirst(Self.errorMark.count)),
                remedy: remedy.isEmpty ? nil : remedy,
            )
        }
        return Failure(
            "The server didn't start within \(Self.patience.components.seconds) seconds.",
            remedy: "See \(directory.serverLog), or try: portless server start --foreground",
        )
    }
}
