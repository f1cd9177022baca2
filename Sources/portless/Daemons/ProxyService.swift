import HostSystem
import Logging
import Machine
import NIOCore
import PortlessCore
import Proxy
import Runner
import Server
import SystemPackage

/// The proxy in this process, from its first listener to its last connection.
struct ProxyService: Sendable {
    /// How long exchanges may go on after a successor has taken the listeners over.
    private static let handoverGrace = TimeAmount.seconds(60)
    private static let stopGrace = TimeAmount.seconds(2)

    let directory: StateDirectory
    let settings: ProxySettings
    /// How long requests wait for an app that is starting.
    let bootWait: TimeAmount
    let sockets: ProxySockets
    let held: HeldDaemon
    /// Starts apps for requests.
    let starter: AppStarter
    let context: CommandContext
    let logger: Logger
    private let hostsSyncToken = APIToken.random(bytes: 32)
    private var console: Console { context.console }

    /// Serves until a signal says to stop, or another proxy serves on the same sockets.
    ///
    /// The queue has to be older than every other thread, so the caller brings it along.
    func run(until signals: SignalQueue) throws {
        let mdns = mdnsProcess
        let (server, isRetired) = try held.serve(until: signals) {
            let server = try waiting { try await start(sockets) }
            do {
                try directory.write(
                    hostsSyncToken,
                    to: directory[.hostsSyncToken],
                    isSecret: true,
                )
                try writeMarkers(sockets.port)
            } catch {
                try waiting { await server.shutDown(grace: .zero) }
                throw error
            }
            console.say("\(settings.protocolName) proxy listening on port \(sockets.port)")
            try waiting {
                await openTraffic(of: server)
                await openDNS(of: server)
            }
            mdns?.start()
            return server
        }
        // Before the names go, because it writes to the same files.
        mdns?.end()
        if isRetired { return try waiting { await server.handOver(grace: Self.handoverGrace) } }
        // The names go first: commands that look for a proxy from now on start another one.
        try? directory.removeProxyMarkers(of: held.holder)
        try waiting { await server.shutDown(grace: Self.stopGrace) }
    }

    private var mdnsProcess: MDNSProcess? {
        guard settings.isLAN else { return nil }
        return MDNSProcess(
            settings: settings,
            port: sockets.port,
            directory: directory,
            context: context,
            logger: logger,
        )
    }

    private func start(_ sockets: ProxySockets) async throws -> ProxyServer {
        let (directory, usesWildcards, logger) = (directory, settings.usesWildcards, logger)
        let makeRoutes: @Sendable () -> sending RoutesFileSource = {
            RoutesFileSource(
                file: RoutesFile(
                    directory: directory,
                    reportProblem: { logger.warning("\($0)") },
                ),
                names: StartableNamesFile(directory: directory, usesWildcards: usesWildcards),
                usesWildcards: usesWildcards,
            )
        }
        let owners = ListenerOwners(logger: logger)
        let server = try await ProxyServer(
            configuration: configuration(sockets.port, try certificates(makeRoutes)),
            logger: logger,
            listenerCheck: { owners.verdict(on: $0, among: $1) },
            refusalNotice: { route in
                guard case .process(let owner) = route.owner else { return }
                owner.send(ForegroundRun.lookAgain)
            },
            starter: starter,
            makeRouteSource: makeRoutes,
        )
        do {
            for socket in sockets.main {
                _ = try await server.listen(
                    on: ListeningEndpoint(.descriptor(socket.rawValue))
                )
            }
            for socket in sockets.redirects {
                _ = try await server.listen(
                    on: ListeningEndpoint(.descriptor(socket.rawValue), isRedirectOnly: true)
                )
            }
            return server
        } catch {
            await server.shutDown(grace: .zero)
            throw error
        }
    }

    /// Last of all, because it takes the socket away from a proxy that goes on if this one fails.
    private func openTraffic(of server: ProxyServer) async {
        do {
            let name = StateFile.proxyTrafficSocket.name
            try await server.openTraffic(in: directory.path, as: name)
        } catch {
            logger.warning("Traffic can't be watched: \(error)")
        }
    }

    private func openDNS(of server: ProxyServer) async {
        do {
            guard let port = try directory.dnsPort() else { return }
            try await server.openDNS(port: port)
        } catch {
            logger.warning("DNS isn't answered: \(error)")
        }
    }

    private func configuration(
        _ port: Port,
        _ certificates: (any CertificateSource)?,
    ) -> ProxyConfiguration {
        var configuration = ProxyConfiguration(
            port: port,
            certificates: certificates,
            topLevelNames: settings.tlds.map(\.description),
            usesWildcards: settings.usesWildcards,
            remotePeers: settings.isLAN ? .localNetwork(suffix: ".\(TLD.local)") : .none,
            bootWait: bootWait,
            version: Portless.version,
            hostsSyncToken: hostsSyncToken,
            authority: directory[.caCertificate],
        )
        if let bridge = directory.containerBridge?.address {
            configuration.admitsContainer = { ContainerPeers.admits($0, at: $1, bridge: bridge) }
        }
        return configuration
    }

    private func certificates(
        _ makeRoutes: @Sendable () -> sending RoutesFileSource
    ) throws -> (any CertificateSource)? {
        guard settings.usesTLS else { return nil }
        if let files = settings.certificateFiles {
            let leaf = try CustomCertificate.load(certificate: files.certificate, key: files.key)
            if !leaf.isValid(at: .now) {
                console.warn("The certificate in \(files.certificate) is not valid today.")
            }
            return CustomCertificates(certificate: ServerCertificate(leaf))
        }
        let tlds = settings.tlds.map(\.hostname)
        let store = AuthorityStore(directory: directory)
        let preparation = try store.prepare(topLevelDomains: tlds)
        if case .replaced(let reason, _) = preparation.outcome {
            console.warn("The certificate authority was replaced: \(reason)")
        }
        let names = ServedNames(routes: makeRoutes())
        return MintedCertificates(
            cache: LeafCache(
                issuer: LeafIssuer(authority: preparation.authority),
                store: store,
                topLevelDomains: tlds,
                isServed: { names.contains($0) },
            )
        )
    }

    private func writeMarkers(_ port: Port) throws {
        var markers = ProxyMarkers()
        markers.pid = held.holder.pid
        markers.port = port
        markers.usesTLS = settings.usesTLS
        markers.usesCustomCertificate = settings.certificateFiles != nil
        markers.tlds = settings.tlds
        markers.record = ProxyRecord(
            version: Portless.version,
            process: held.holder,
            daemon: ProcessIdentity.current.pid,
            port: port,
            isLAN: settings.isLAN,
        )
        if settings.isLAN {
            markers.lanAddress = settings.lanAddress ?? context.lanAddress()?.description
        }
        try directory.write(markers)
    }
}

extension ProxySettings {
    var protocolName: String { usesTLS ? "HTTPS/2" : "HTTP" }
}

/// How long a request waits for an app that is starting: `PORTLESS_BOOT_WAIT`, in seconds.
enum BootWait {
    static let variable = "PORTLESS_BOOT_WAIT"
    private static let usual = TimeAmount.seconds(30)
    /// Longer than any browser waits.
    private static let longest: Int64 = 3600

    static func limit(_ environment: [String: String]) throws -> TimeAmount {
        guard let text = environment[variable], !text.isEmpty else { return usual }
        guard let seconds = Int64(text), (0...longest).contains(seconds) else {
            throw Failure(
                "Invalid \(variable) \"\(text)\".",
                remedy: "It is a number of seconds, from 0 to \(longest).",
            )
        }
        return .seconds(seconds)
    }
}
