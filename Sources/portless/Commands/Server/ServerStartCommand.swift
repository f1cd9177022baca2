import ArgumentParser
import HostSystem
import PortlessCore
import Runner
import Server
import SystemPackage

/// `portless server start`: in the background, or here with `--foreground`.
struct ServerStartCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Start the server. It also starts by itself when the first app is brought up.",
        discussion: """
            It listens on loopback, on port 5555 or PORTLESS_API_PORT. Where another program has \
            5555 and no port was asked for, it takes one that is free. With --host it can be \
            reached from the network: by HTTPS only, and with the token for reading, too.
            """,
    )

    @Option(help: "The address to listen on in place of loopback.")
    var host: String?

    @Flag(help: "Stay in this terminal and log to it.")
    var foreground = false

    // For the holder that this command starts, and for the server under it.
    @Flag(help: .hidden) var detached = false
    @Flag(help: .hidden) var held = false

    func run(_ context: CommandContext) throws {
        guard foreground else {
            switch try ServerControl(context).start(host: host) {
            case .started(let record):
                context.console.print("Server started: \(record.localURL)")
            case .alreadyRunning(let record):
                context.console.print("Server is already running: \(record.localURL)")
            }
            return
        }
        // It runs what the holder of a token in the user's directory asks for.
        if let sudoUser = try SudoUser(context) { try sudoUser.handBack(context) }
        if held { try serve(context) } else { try hold(context) }
    }

    /// Becomes the holder of the server's sockets, which starts the server.
    private func hold(_ context: CommandContext) throws {
        let directory = try context.preparedStateDirectory()
        // One that a command has started: the service then has ended in order.
        if ServiceNotification.isExpected(context.environment),
            let record = try ServerControl(context).running()
        {
            context.console.print("Server is already running: \(record.localURL)")
            return ServiceNotification.ready(context.environment)
        }
        let settings = try ServerSettings(environment: context.environment)
        let configuration = try configuration(settings, context)
        let holder = DaemonHolder(
            kind: .server,
            context: context,
            directory: directory,
            isDetached: detached,
        )
        try holder.run(
            open: {
                let sockets = try sockets(configuration, settings: settings, context).sockets
                return (sockets, host.map { ["--host", $0] } ?? [])
            },
            removeNames: { _ in directory.removeServer(.current, names: configuration.names) },
        )
    }

    /// Where another program has the standard port, a free one will do.
    private func sockets(
        _ configuration: ServerConfiguration,
        settings: ServerSettings,
        _ context: CommandContext,
    ) throws -> BoundSockets {
        let sockets =
            SocketActivation.sockets(environment: context.environment)
            + SocketActivation.checkedIn(["api"])
        if let handedOver = try BoundSockets(handedOver: sockets) { return handedOver }
        do {
            return try BoundSockets.open(configuration.addresses, settings.port)
        } catch let failure as ServerFailure where failure.isPortTaken && !settings.isPortChosen {
            context.console.warn("\(failure) For now the server takes a port that is free.")
            return try BoundSockets.open(configuration.addresses, nil)
        } catch ServerFailure.cannotListen(let port?, let error)
            where error.errno == .addressInUse
        {
            throw TakenServerPort(port: port, context)
        }
    }

    /// Serves on the holder's sockets.
    private func serve(_ context: CommandContext) throws {
        // Before anything starts a thread.
        let signals = SignalQueue([
            .interrupt, .terminate, .hangUp, HeldDaemon.retireSignal,
        ])
        let handedOver = SocketActivation.sockets(environment: context.environment)
        guard let sockets = try BoundSockets(handedOver: handedOver),
            let held = HeldDaemon(sockets: sockets.sockets)
        else { return }
        let directory = try context.preparedStateDirectory()
        let log = DaemonLog(file: detached ? directory[.serverLog] : nil)
        let supervisor = try Supervisor(
            directory: directory,
            launchKeeper: KeeperProcess(of: directory, context).launch,
        )
        let jobs = try JobRunner(
            directory: directory,
            launchKeeper: KeeperProcess(of: directory, context).launch,
        )
        let settings = try ServerSettings(environment: context.environment)
        let service = ServerService(
            directory: directory,
            configuration: try configuration(settings, context),
            sockets: sockets,
            held: held,
            supervisor: supervisor,
            jobs: jobs,
            services: .live(
                directory: directory,
                supervisor: supervisor,
                jobs: jobs,
                context: context,
            ),
            console: context.console,
            logger: log.logger,
        )
        try service.run(until: signals)
    }

    private func configuration(
        _ settings: ServerSettings,
        _ context: CommandContext,
    ) throws -> ServerConfiguration {
        var configuration = ServerConfiguration(
            port: settings.port,
            mirrorPort: settings.mirrorPort,
            names: try AppName(parsing: "portless").hostnames(under: context.describeProxy().tlds),
            version: Portless.version,
        )
        configuration.movedPorts = settings.movedPorts
        if let host, !configuration.listen(on: host) {
            throw Failure(
                "\"\(host)\" is no address to listen on.",
                remedy: """
                    Give one of this computer's addresses, or 0.0.0.0 for all of them; without \
                    --host it listens on 127.0.0.1 and ::1.
                    """,
            )
        }
        return configuration
    }
}
