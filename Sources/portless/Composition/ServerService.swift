import HostSystem
import Logging
import PortlessCore
import Runner
import Server
import SystemPackage

/// The server in this process, from its first listener to its last stream.
struct ServerService: Sendable {
    let directory: StateDirectory
    let configuration: ServerConfiguration
    /// Whether the port may be another one if the wanted one can't be had.
    let mayFallBack: Bool
    let supervisor: Supervisor
    let services: ServerServices
    let console: Console
    let logger: Logger

    /// Serves until a signal says to stop.
    ///
    /// The queue has to be older than every other thread, so the caller brings it along.
    func run(until signals: SignalQueue) throws {
        let server = try FileLock.withLock(
            at: directory.path.appending("server.run.lock"),
            owner: directory.owner,
        ) {
            if let other = try directory.serverRecord(), other.process.isAlive {
                throw Failure(
                    "A server runs already (PID \(other.process.pid)), on port \(other.port).",
                    remedy: "Stop it with: portless server stop",
                )
            }
            // Whoever asks this server finds all apps from the first answer on.
            try waiting { [supervisor] in await supervisor.findKeepers() }
            return try start()
        }
        // Ends with this function, which alone knows when the server does.
        let supervision = Task { [supervisor] in await supervisor.run() }
        defer { supervision.cancel() }
        if let record = try directory.serverRecord() {
            console.say("Server listening on \(record.localURL)")
        }
        _ = signals.next()
        // The names go first: whoever looks for a server from now on starts another one.
        try waiting { await server.retire() }
        try? directory.removeServerRecord(of: .current)
        _ = try? RoutesStore(directory: directory)
            .remove(configuration.names, ownedBy: .process(.current))
        try waiting { await server.stop() }
    }

    private func start() throws -> ControlServer {
        do {
            return try start(configuration)
        } catch let failure as ServerFailure where failure.isPortTaken && mayFallBack {
            console.warn("\(failure) For now the server takes a port that is free.")
            var configuration = configuration
            configuration.port = nil
            return try start(configuration)
        } catch ServerFailure.cannotListen(let port?, let error)
            where error.errno == .addressInUse
        {
            throw TakenServerPort(port: port)
        }
    }

    private func start(_ configuration: ServerConfiguration) throws -> ControlServer {
        let announcement = ServerAnnouncement(
            directory: directory,
            names: configuration.names,
            logger: logger,
        )
        return try waiting { [services, logger] in
            try await ControlServer.start(
                services: services,
                configuration: configuration,
                logger: logger,
                whenChanged: { announcement.write($0) },
            )
        }
    }
}
