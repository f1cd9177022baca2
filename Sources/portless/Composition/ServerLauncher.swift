import HostSystem
import PortlessCore

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

    let context: CommandContext

    /// The server of this state directory, started if there is none.
    func ensureRunning() throws -> ServerRecord {
        guard let record = try running() else {
            return try start(host: nil).record
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
        return try start(host: host).record
    }

    /// The server that runs now.
    func running() throws -> ServerRecord? {
        guard let record = try context.stateDirectory().serverRecord(), record.process.isAlive
        else { return nil }
        return record
    }

    /// Of many commands that start at once, one starts the server and the others find it running.
    func start(host: String?) throws -> Outcome {
        let directory = try context.preparedStateDirectory()
        return try FileLock.withLock(at: directory.serverLock, owner: directory.owner) {
            if let record = try running() { return .alreadyRunning(record) }
            return .started(try launch(host, directory))
        }
    }

    private func launch(_ host: String?, _ directory: StateDirectory) throws -> ServerRecord {
        let wanted = try ServerSettings(environment: context.environment).port
        let arguments = host.map { ["--host", $0] } ?? []
        let start = DaemonStart(noun: "server", arguments: arguments, log: directory.serverLog)
        let record = try start.run(context, directory) { pid -> ServerRecord? in
            guard let record = try running(), record.process.pid == pid else { return nil }
            return record
        }
        if record.port != wanted {
            context.console.warn(TakenServerPort(port: wanted).advice(actual: record.port))
        }
        for warning in try context.warnings(of: record) { context.console.warn(warning) }
        return record
    }
}
