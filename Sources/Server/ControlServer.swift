import HostSystem
import Hummingbird
import HummingbirdCore
package import Logging
import Machine
import NIOCore
import NIOPosix
import PortlessCore
import Synchronization
import SystemPackage

/// The control plane in this process: the API with its listeners.
///
/// The caller that starts it calls `stop` in the end; until then the server owns the tasks that it
/// starts.
package actor ControlServer {
    private static let stopGrace = TimeAmount.seconds(1)
    private static let watchInterval = Duration.seconds(2)

    private let services: ServerServices
    private let configuration: ServerConfiguration
    private let logger: Logger
    private let streams = OpenStreams()
    private let crashes: CrashWatcher
    private let onRequest: OnRequestService
    private let listeners: ServerListeners
    private let features: FeatureListeners
    private let socket: PrivateSocket
    private var handlers: SocketHandlers?
    private var tasks: [Task<Void, any Error>] = []
    private var isRetiring = false
    /// Called repeatedly with the server's address, and at once when it has changed.
    private var whenChanged: @Sendable (ServerAddress) -> Void = { _ in }

    private init(
        services: ServerServices,
        configuration: ServerConfiguration,
        sockets: BoundSockets?,
        logger: Logger,
    ) throws {
        self.services = services
        self.configuration = configuration
        self.logger = logger
        socket = try PrivateSocket(in: services.directory)
        listeners = try ServerListeners(
            configuration: configuration,
            sockets: sockets,
            backend: socket.path,
            files: CertificateFiles(directory: services.directory),
            logger: logger,
        )
        features = FeatureListeners(
            directory: services.directory,
            configuration: configuration,
            logger: logger,
        )
        crashes = CrashWatcher(services: services, streams: streams, features: features)
        onRequest = OnRequestService(services: services)
    }

    /// Starts a server on `sockets`, or on those that it opens itself; returns once it serves.
    ///
    /// It calls `whenChanged` with its address now, at every change, and every two seconds, so that
    /// the caller can write the state file again if it was lost.
    package static func start(
        services: ServerServices,
        configuration: ServerConfiguration,
        sockets: BoundSockets? = nil,
        logger: Logger,
        whenChanged: @escaping @Sendable (ServerAddress) -> Void,
    ) async throws -> ControlServer {
        let server = try ControlServer(
            services: services,
            configuration: configuration,
            sockets: sockets,
            logger: logger,
        )
        do {
            try await server.open(whenChanged)
            return server
        } catch {
            await server.stop()
            throw error
        }
    }

    private func open(_ whenChanged: @escaping @Sendable (ServerAddress) -> Void) async throws {
        self.whenChanged = whenChanged
        let token = try APIToken.prepare(in: services.directory)
        let router = makeRouter(token)
        handlers = try await SocketHandlers.start(router.responder, on: socket, logger: logger)
        try await listeners.open()
        await features.start(
            makeResponder: { router.responder(of: $0) },
            whenChanged: { [weak self] in await self?.announce() },
        )
        await announce()
        tasks.append(Task { await streams.beat() })
        // They read files.
        let work = services.requests
        tasks.append(Task(executorPreference: work) { await self.watchCertificate() })
        tasks.append(Task(executorPreference: work) { [renewal] in await renewal.run() })
        tasks.append(
            Task(executorPreference: work) { [services, streams] in
                await EventFeed(services: services, streams: streams).run()
            }
        )
        tasks.append(Task(executorPreference: work) { [crashes] in await crashes.run() })
        tasks.append(Task(executorPreference: work) { [onRequest] in await onRequest.run() })
    }

    private func makeRouter(_ token: APIToken) -> APIRouter {
        let features = features
        let (listeners, names) = (listeners, Set(configuration.names.map(\.description)))
        let sessions = Sessions(token: token) { Timestamp.now }
        return APIRouter(
            services: services,
            streams: streams,
            sessions: sessions,
            crashes: crashes,
            onRequest: onRequest,
            exposure: { Self.exposure(listeners, features) },
            reload: { [weak self] in await self?.reload() },
            policy: {
                let exposure = listeners.shown.withLock(\.self)
                return AccessPolicy(
                    hosts: HostAllowlist(
                        names: names.union(exposure.certificate?.names ?? []),
                        allowsAddresses: exposure.isExposed,
                    ),
                    isExposed: exposure.isExposed,
                    token: token,
                    sessions: sessions,
                )
            },
            features: features,
        )
    }

    private static func exposure(
        _ listeners: ServerListeners,
        _ features: FeatureListeners,
    ) -> Exposure {
        var exposure = listeners.shown.withLock(\.self)
        exposure.features = features.ports
        exposure.warnings += features.warnings
        return exposure
    }

    private var renewal: CertificateRenewal {
        let (directory, runner) = (services.directory, services.runner)
        let names = configuration.names
        return CertificateRenewal(
            provision: {
                ServerCertificateProvision(directory: directory, runner: runner, names: names)
            },
            logger: logger,
            report: { [weak self] failure in
                await self?.listeners.warn(ofRenewal: failure)
                await self?.reload()
            },
        )
    }

    private func reload() async {
        if await listeners.refresh() { await announce() }
    }

    private func announce() async {
        guard !isRetiring else { return }
        whenChanged(
            ServerAddress(
                exposure: Self.exposure(listeners, features),
                plainPort: await listeners.plainPort,
                socket: socket.path,
            )
        )
    }

    private func watchCertificate() async {
        while (try? await Task.sleep(for: Self.watchInterval)) != nil {
            _ = await listeners.refresh()
            await features.retry()
            await announce()
        }
    }

    /// Withdraws the announcement, so that a command that needs a server starts another one.
    package func retire() {
        isRetiring = true
    }

    /// Ends all streams, lets requests under way finish, and closes all connections.
    package func stop() async {
        streams.close()
        await features.shutDown(grace: Self.stopGrace)
        await listeners.shutDown(grace: Self.stopGrace)
        for task in tasks { task.cancel() }
        for task in tasks { _ = try? await task.value }
        tasks.removeAll()
        if let handlers { await handlers.stop() } else { socket.remove() }
        handlers = nil
    }
}
