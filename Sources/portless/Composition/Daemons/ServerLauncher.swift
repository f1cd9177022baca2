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
        return try FileLock.withLock(at: directory.serverLock, owner: directory.owner) {
            // Another command may have done it meanwhile.
            if let now = try running(), now.version == record.version {
                try DaemonReplacement(kind: .server, directory: directory).run()
            }
            return try running() ?? launch(nil, directory)
        }
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
        try DaemonStart(kind: .server, arguments: arguments).run(context, directory)
        guard let record = try running() else {
            throw Failure(
                "The server started and can't be found in \(directory.serverFile).",
                remedy: "See \(directory.serverLog)",
            )
        }
        if record.port != wanted {
            context.console.warn(TakenServerPort(port: wanted).advice(actual: record.port))
        }
        for warning in try context.warnings(of: record) { context.console.warn(warning) }
        return record
    }
}
