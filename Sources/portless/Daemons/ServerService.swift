import HostSystem
import Logging
import Machine
import PortlessCore
import Runner
import Server
import Synchronization
import SystemPackage

/// The server in this process, from its first listener to its last stream.
struct ServerService: Sendable {
    let directory: StateDirectory
    let configuration: ServerConfiguration
    let sockets: BoundSockets
    let held: HeldDaemon
    let supervisor: Supervisor
    let jobs: JobRunner
    let services: ServerServices
    let console: Console
    let logger: Logger

    /// Serves until a signal says to stop, or another server serves on the same sockets.
    ///
    /// The queue has to be older than every other thread, so the caller brings it along.
    func run(until signals: SignalQueue) throws {
        // Ends with this function, which alone knows when the server does.
        var supervision: Task<Void, Never>?
        var watching: Task<Void, Never>?
        defer { supervision?.cancel() }
        let containers = ContainerWatch(
            directory: directory,
            owner: held.holder,
            environment: services.environment,
            logger: logger,
        )
        let (server, isRetired) = try held.serve(until: signals) {
            // Clients of this server find all apps from the first answer on.
            try waiting { [supervisor, jobs] in
                await supervisor.findKeepers()
                await jobs.findJobs()
            }
            let server = try start()
            supervision = Task { [supervisor, jobs] in
                async let apps: Void = supervisor.run()
                await jobs.run()
                await apps
            }
            // It reads files, and asks ports.
            watching = Task(executorPreference: BlockingWork(limit: 2)) { await containers.run() }
            if let record = try directory.serverRecord() {
                console.say("Server listening on \(record.localURL)")
            }
            return server
        }
        watching?.cancel()
        try waiting { [watching] in
            await server.retire()
            await watching?.value
            // Otherwise they are the successor's.
            if !isRetired { await containers.clear() }
        }
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

/// Writes down how the server is reached: for commands, and for the proxy.
final class ServerAnnouncement: Sendable {
    private let directory: StateDirectory
    private let process: ProcessIdentity
    private let names: [Hostname]
    private let logger: Logger

    private let lastProblem = Mutex<String?>(nil)

    /// `process` ends the server with itself: its holder.
    init(
        directory: StateDirectory,
        process: ProcessIdentity,
        names: [Hostname],
        logger: Logger,
    ) {
        self.directory = directory
        self.process = process
        self.names = names
        self.logger = logger
    }

    /// Writes what isn't there already, as it has to be.
    ///
    /// What can't be written is told in the log, once: the server serves all the same.
    func write(_ address: ServerAddress) {
        do {
            try writeRecord(address)
            try register(address.plainPort)
            lastProblem.withLock { $0 = nil }
        } catch {
            let problem = "The server can't say where it is: \(error)"
            let isNew = lastProblem.withLock { last in
                defer { last = problem }
                return last != problem
            }
            if isNew { logger.warning("\(problem)") }
        }
    }

    private func writeRecord(_ address: ServerAddress) throws {
        let record = ServerRecord(
            version: Portless.version,
            process: process,
            daemon: ProcessIdentity.current.pid,
            host: address.exposure.host,
            port: address.exposure.port,
            usesTLS: address.exposure.isSecure,
            mirrorPort: address.exposure.mirror,
            socket: address.socket,
            features: address.exposure.features,
        )
        if try directory.serverRecord() != record { try directory.write(record) }
    }

    private func register(_ port: Port) throws {
        let store = RoutesStore(directory: directory)
        let own = try store.list().compactMap(\.route).filter { route in
            route.owner == .process(process) && route.port == port
        }
        guard !Set(names).isSubset(of: own.map(\.hostname)) else { return }
        _ = try store.register(names, owner: .process(process)) { _ in port }
    }
}

extension ServerServices {
    /// The services of a server on this machine.
    static func live(
        directory: StateDirectory,
        supervisor: Supervisor,
        jobs: JobRunner,
        context: CommandContext,
    ) -> ServerServices {
        var services = ServerServices(
            directory: directory,
            supervisor: supervisor,
            isFree: context.isFree,
            proxy: { try context.describeProxy() },
            runner: context.runner,
            detect: { Project(in: $0, context).registrable },
            examine: { try Doctor(context: context, proxy: context.describeProxy()).report() },
            holders: { try HeldPort(of: $0, context) },
            end: { try $0.end(context) },
            replay: { try await Replay(context).send($0) },
            environment: context.environment,
            hostname: SystemName.host,
            version: Portless.version,
        )
        services.browser = BrowserStart(
            plan: { try BrowserPlan(context: context).plan() },
            ports: { try BrowserPlan.ports(context.environment) },
        )
        services.jobs = jobs
        services.jobEnvironment = { inherited in
            var context = context
            if let inherited { context.environment = inherited }
            return try AppEnvironment(context, proxy: context.describeProxy()).trusting
        }
        return services
    }
}
