import HostSystem
import Hummingbird
import Logging
import NIOCore
import PortlessCore
import Proxy
import Runner
import Synchronization
import SystemPackage

/// The loopback ports of features, each with routes of its own.
///
/// They open with the feature's first use, and again whenever a server starts after that.
actor FeatureListeners {
    private struct Listener {
        var port: FeaturePort
        var server: ProxyServer
        var handlers: SocketHandlers
    }

    private struct Shown {
        var ports: [CoreEndpoint: FeaturePort] = [:]
        var warnings: [CoreEndpoint: String] = [:]
    }

    typealias MakeResponder = @Sendable (CoreEndpoint) -> RouterResponder<APIContext>

    /// How long the requests of a port that is closed may take to end.
    private static let lastRequests = TimeAmount.seconds(1)

    private let directory: StateDirectory
    private let configuration: ServerConfiguration
    private let logger: Logger
    private var makeResponder: MakeResponder?
    private var whenChanged: @Sendable () async -> Void = {}
    private var listeners: [CoreEndpoint: Listener] = [:]
    private var wanted: Set<Feature> = []
    private nonisolated let shown = Mutex(Shown())
    /// The last of the changes, which run one after the other.
    private var change: Task<Void, Never>?
    /// What becomes of listeners that were closed: their last requests end.
    private var closing: [Task<Void, Never>] = []
    private var isClosing = false

    init(directory: StateDirectory, configuration: ServerConfiguration, logger: Logger) {
        self.directory = directory
        self.configuration = configuration
        self.logger = logger
    }

    /// The open ports, for callers that can't wait for an actor.
    nonisolated var ports: [FeaturePort] {
        shown.withLock { $0.ports.values.sorted { $0.port < $1.port } }
    }
    /// Why ports of used features aren't open, as sentences.
    nonisolated var warnings: [String] { shown.withLock { $0.warnings.values.sorted() } }

    /// Opens the ports of the features that were used before.
    func start(
        makeResponder: @escaping MakeResponder,
        whenChanged: @escaping @Sendable () async -> Void,
    ) async {
        self.makeResponder = makeResponder
        do {
            wanted = try remembered()
        } catch {
            logger.warning("\(error)")
        }
        self.whenChanged = whenChanged
        // The server before this one may still have them, and isn't worth a warning.
        await enqueue { await $0.openWanted(isQuiet: true) }
    }

    /// Opens a feature's ports at its first use.
    ///
    /// A port that another program has is a warning, and no failure.
    func use(_ feature: Feature) async {
        // `retry` opens what another program has now.
        guard !wanted.contains(feature) else { return }
        await enqueue { await $0.openNow(feature) }
    }

    /// Closes a feature's ports, and leaves them closed when the next server starts.
    func end(_ feature: Feature) async {
        await enqueue { await $0.endNow(feature) }
    }

    /// Tries the ports again that another program had.
    func retry() async {
        let isMissing = wanted.contains { feature in
            feature.endpoints.contains { listeners[$0] == nil }
        }
        if isMissing { await enqueue { await $0.openWanted(isQuiet: false) } }
    }

    func shutDown(grace: TimeAmount) async {
        isClosing = true
        await change?.value
        for endpoint in listeners.keys.sorted(by: { $0.port < $1.port }) {
            await close(endpoint, grace: grace)
        }
        for task in closing { await task.value }
    }

    private func enqueue(
        _ work: @escaping @Sendable (isolated FeatureListeners) async -> Void
    ) async {
        let previous = change
        let next = Task {
            await previous?.value
            if !isClosing { await work(self) }
        }
        change = next
        await next.value
    }

    private func openWanted(isQuiet: Bool) async {
        let before = ports
        for feature in Feature.allCases where wanted.contains(feature) {
            for endpoint in feature.endpoints where listeners[endpoint] == nil {
                await open(endpoint, isQuiet: isQuiet)
            }
        }
        if ports != before { await whenChanged() }
    }

    private func openNow(_ feature: Feature) async {
        if wanted.insert(feature).inserted { remember() }
        for endpoint in feature.endpoints where listeners[endpoint] == nil {
            // The holder may be another one by now.
            _ = shown.withLock { $0.warnings.removeValue(forKey: endpoint) }
            await open(endpoint, isQuiet: false)
        }
        await whenChanged()
    }

    private func endNow(_ feature: Feature) async {
        if wanted.remove(feature) != nil { remember() }
        for endpoint in feature.endpoints {
            await close(endpoint, grace: Self.lastRequests)
        }
        await whenChanged()
    }

    private func open(_ endpoint: CoreEndpoint, isQuiet: Bool) async {
        guard let makeResponder else { return }
        let port = configuration.movedPorts[endpoint] ?? endpoint.port
        do {
            let sockets = try BoundSockets.open(ServerConfiguration.loopback, port)
            let listener = try await listen(endpoint, on: sockets, makeResponder(endpoint))
            listeners[endpoint] = listener
            shown.withLock { shown in
                shown.ports[endpoint] = listener.port
                shown.warnings[endpoint] = nil
            }
        } catch {
            guard !isQuiet, shown.withLock({ $0.warnings[endpoint] }) == nil else { return }
            let warning = Self.warning(endpoint, port, error)
            logger.warning("\(warning)")
            shown.withLock { $0.warnings[endpoint] = warning }
        }
    }

    private func listen(
        _ endpoint: CoreEndpoint,
        on sockets: BoundSockets,
        _ responder: RouterResponder<APIContext>,
    ) async throws -> Listener {
        var rest = sockets.sockets
        do {
            let name = "\(endpoint.owner) \(endpoint.label)".replacing(" ", with: "-")
            let socket = try PrivateSocket(in: directory, name: name)
            let handlers = try await SocketHandlers.start(responder, on: socket, logger: logger)
            do {
                let server = try await ProxyServer(
                    configuration: ProxyConfiguration(
                        port: sockets.port,
                        certificates: nil,
                        version: configuration.version,
                    ),
                    logger: logger,
                    server: socket.path,
                )
                do {
                    while let socket = rest.first {
                        rest.removeFirst()
                        _ = try await server.listen(
                            on: ListeningEndpoint(.descriptor(socket.rawValue))
                        )
                    }
                } catch {
                    await server.shutDown(grace: .zero)
                    throw error
                }
                return Listener(
                    port: FeaturePort(endpoint, port: sockets.port),
                    server: server,
                    handlers: handlers,
                )
            } catch {
                await handlers.stop()
                throw error
            }
        } catch {
            for socket in rest { try? socket.close() }
            throw error
        }
    }

    /// Frees the port; the request that asks for it may be one of the listener's own, so that the
    /// rest can't be waited for here.
    private func close(_ endpoint: CoreEndpoint, grace: TimeAmount) async {
        shown.withLock { shown in
            shown.ports[endpoint] = nil
            shown.warnings[endpoint] = nil
        }
        guard let listener = listeners.removeValue(forKey: endpoint) else { return }
        await listener.server.stopAccepting()
        closing.append(
            Task {
                await listener.server.shutDown(grace: grace)
                await listener.handlers.stop()
            }
        )
    }

    private static func warning(
        _ endpoint: CoreEndpoint,
        _ port: Port,
        _ error: any Error,
    ) -> String {
        let what = "Port \(port) (\(endpoint.label)) of the \(endpoint.owner)"
        let remedy = endpoint.variable.map { ", or choose another port with \($0)" } ?? ""
        if case .cannotListen(_, let error) = error as? ServerFailure {
            guard error.errno == .addressInUse else {
                return "\(what) can't be listened on: \(error.errno)."
            }
            let holder = PortHolders.description(of: port) ?? "another program"
            return "\(what) is held by \(holder). Stop that\(remedy)."
        }
        return "\(what) can't be opened: \(error)"
    }
}

// MARK: The features that were used

extension FeatureListeners {
    private struct Unreadable: Error, CustomStringConvertible {
        let description: String
    }

    private func remembered() throws -> Set<Feature> {
        guard let text = try directory.text(of: .features) else { return [] }
        guard let list = try? JSONValue(parsing: text.utf8)["features"]?.array else {
            throw Unreadable(
                description: """
                    \(directory[.features]) can't be understood. Remove it, and use the features \
                    again.
                    """
            )
        }
        return Set(list.compactMap { $0.string.flatMap(Feature.init) })
    }

    private func remember() {
        do {
            // A file that can't be understood stays as it is.
            _ = try remembered()
            let names = wanted.map(\.rawValue).sorted().map { JSONValue.string($0) }
            let json = JSONValue.object(["features": .array(names)])
            try directory.write(json.formatted + "\n", to: directory[.features])
        } catch {
            logger.warning("The ports of features will be closed after a restart: \(error)")
        }
    }
}
