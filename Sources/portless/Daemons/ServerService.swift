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
    let sockets: BoundSockets
    let held: HeldDaemon
    let supervisor: Supervisor
    let services: ServerServices
    let console: Console
    let logger: Logger

    /// Serves until a signal says to stop, or another server serves on the same sockets.
    ///
    /// The queue has to be older than every other thread, so the caller brings it along.
    func run(until signals: SignalQueue) throws {
        // Ends with this function, which alone knows when the server does.
        var supervision: Task<Void, Never>?
        defer { supervision?.cancel() }
        let (server, isRetired) = try held.serve(until: signals) {
            // Clients of this server find all apps from the first answer on.
            try waiting { [supervisor] in await supervisor.findKeepers() }
            let server = try start()
            supervision = Task { [supervisor] in await supervisor.run() }
            if let record = try directory.serverRecord() {
                console.say("Server listening on \(record.localURL)")
            }
            return server
        }
        try waiting { await server.retire() }
        // The names go first: commands that look for a server from now on start another one.
        if !isRetired { directory.removeServer(held.holder, names: configuration.names) }
        try waiting { await server.stop() }
    }

    private func start() throws -> ControlServer {
        let announcement = ServerAnnouncement(
            directory: directory,
            process: held.holder,
            names: configuration.names,
            logger: logger,
        )
        return try waiting { [services, configuration, sockets, logger] in
            try await ControlServer.start(
                services: services,
                configuration: configuration,
                sockets: sockets,
                logger: logger,
                whenChanged: { announcement.write($0) },
            )
        }
    }
}

extension StateDirectory {
    /// Takes a server out of what commands and the proxy find it by.
    func removeServer(_ process: ProcessIdentity, names: [Hostname]) {
        try? removeServerRecord(of: process)
        _ = try? RoutesStore(directory: self).remove(names, ownedBy: .process(process))
    }
}
