import HostSystem
import Logging
import Machine
import NIOCore
import PortlessCore
import Proxy

/// The proxy in this process, from its first listener to its last connection.
struct ProxyService: Sendable {
    let directory: StateDirectory
    let settings: ProxySettings
    /// Whether the port may be another one if the wanted one can't be had.
    let mayFallBack: Bool
    let console: Console

    /// Serves until one of `signals` arrives.
    ///
    /// The queue has to be older than every other thread, so the caller brings it along.
    func run(until signals: SignalQueue) throws {
        let (server, port) = try waiting { try await start() }
        let process = ProcessIdentity.current
        do {
            try writeMarkers(port, process)
        } catch {
            try waiting { await server.shutDown(grace: .zero) }
            throw error
        }
        console.say("\(settings.protocolName) proxy listening on port \(port)")
        _ = signals.next()
        // The names go first: whoever looks for a proxy from now on starts another one.
        try directory.removeProxyMarkers(of: process)
        try waiting { await server.shutDown(grace: .seconds(2)) }
    }

    private func start() async throws -> (ProxyServer, Port) {
        let ports = mayFallBack ? [settings.port, ProxySettings.fallbackPort] : [settings.port]
        let (directory, usesWildcards) = (directory, settings.usesWildcards)
        let logger = Logger(label: "portless")
        let makeRoutes: @Sendable () -> sending RoutesFileSource = {
            RoutesFileSource(
                file: RoutesFile(
                    directory: directory,
                    reportProblem: { logger.warning("\($0)") },
                ),
                usesWildcards: usesWildcards,
            )
        }
        let certificates = try certificates(makeRoutes)
        let owners = ListenerOwners(logger: logger)
        var failure: (any Error)?
        // Links and redirects name the port, so a server is made for the one port that it tries.
        for port in ports {
            let server = try await ProxyServer(
                configuration: configuration(port, certificates),
                logger: logger,
                listenerCheck: { owners.otherApp(holding: $0, among: $1) },
                makeRouteSource: makeRoutes,
            )
            let listeners = ProxyListeners(server: server, console: console)
            do {
                try await listeners.bind(port)
                if settings.usesTLS, port == 443 { await listeners.bindRedirects() }
                return (server, port)
            } catch {
                await server.shutDown(grace: .zero)
                failure = failure ?? error
                guard (error as? BindFailure)?.isUnavailable == true else { throw error }
            }
        }
        throw failure ?? Failure.noCommand
    }

    private func configuration(
        _ port: Port,
        _ certificates: (any CertificateSource)?,
    ) -> ProxyConfiguration {
        ProxyConfiguration(
            port: port,
            certificates: certificates,
            topLevelNames: settings.tlds.map(\.description),
            usesWildcards: settings.usesWildcards,
            version: Portless.version,
        )
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
        let preparation = try AuthorityStore(directory: directory).prepare(topLevelDomains: tlds)
        if case .replaced(let reason, _) = preparation.outcome {
            console.warn("The certificate authority was made anew: \(reason)")
        }
        let names = ServedNames(routes: makeRoutes())
        return MintedCertificates(
            cache: LeafCache(
                issuer: LeafIssuer(authority: preparation.authority),
                topLevelDomains: tlds,
                isServed: { names.contains($0) },
            )
        )
    }

    private func writeMarkers(_ port: Port, _ process: ProcessIdentity) throws {
        var markers = ProxyMarkers()
        markers.pid = process.pid
        markers.port = port
        markers.usesTLS = settings.usesTLS
        markers.usesCustomCertificate = settings.certificateFiles != nil
        markers.tlds = settings.tlds
        markers.record = ProxyRecord(version: Portless.version, process: process)
        try directory.write(markers)
    }
}

extension ProxySettings {
    var protocolName: String { usesTLS ? "HTTPS/2" : "HTTP" }
}
