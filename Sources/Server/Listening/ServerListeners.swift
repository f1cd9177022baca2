import HostSystem
import Logging
import Machine
import NIOCore
package import PortlessCore
import Proxy
import Synchronization
package import SystemPackage

/// The address of a server, for the state directory and the proxy's routes.
package struct ServerAddress: Hashable, Sendable {
    package var exposure: Exposure
    /// The port that speaks plain HTTP on loopback, which the proxy forwards to.
    package var plainPort: Port
    /// The Unix domain socket for commands of the same user.
    package var socket: FilePath
}

/// The server's listeners: the public one, and its plain mirror while that one speaks HTTPS.
///
/// Both forward everything to the handlers, which listen on a Unix domain socket.
actor ServerListeners {
    private static let handoverGrace = TimeAmount.seconds(5)

    private let configuration: ServerConfiguration
    private let backend: FilePath
    private let files: CertificateFiles
    private let logger: Logger
    /// Kept open while the servers on duplicates of them are replaced.
    private var sockets: [SystemPackage.FileDescriptor]
    private var main: ProxyServer?
    private var mirror: ProxyServer?
    private(set) var exposure: Exposure {
        didSet { shown.withLock { [exposure] shown in shown = exposure } }
    }
    /// The exposure for callers that can't wait for an actor.
    nonisolated let shown: Mutex<Exposure>
    /// The port that speaks plain HTTP on loopback, which the proxy forwards to.
    private(set) var plainPort: Port
    /// Owned by this actor; `shutDown` waits for it.
    private var look: Task<Bool, Never>?
    /// Why the renewal of the present certificate failed.
    private var renewalFailure: (sentence: String, of: CertificateFiles.Condition)?
    private var isClosing = false
    /// Reads the certificate's files.
    private let work = BlockingWork(limit: 1)

    /// Binds the port where no `sockets` are given, so that a failure is known before any other
    /// step.
    init(
        configuration: ServerConfiguration,
        sockets given: BoundSockets?,
        backend: FilePath,
        files: CertificateFiles,
        logger: Logger,
    ) throws {
        self.configuration = configuration
        self.backend = backend
        self.files = files
        self.logger = logger
        let bound =
            try given ?? BoundSockets.open(configuration.addresses, configuration.port)
        sockets = bound.sockets
        let exposure = Exposure(host: configuration.host, port: bound.port)
        self.exposure = exposure
        shown = Mutex(exposure)
        plainPort = bound.port
    }

    func open() async throws {
        try await adopt(files.look())
    }

    /// Switches to HTTPS or back after a change of the certificate's files; true if it did.
    ///
    /// Each call waits for the one before it, because opening listeners may take a while.
    func refresh() async -> Bool {
        let previous = look
        let next = Task(executorPreference: work) {
            _ = await previous?.value
            return await self.refreshNow()
        }
        look = next
        return await next.value
    }

    /// Shows the failure from the next refresh on, for as long as the certificate is the same.
    func warn(ofRenewal failure: String?) {
        renewalFailure = failure.map { ($0, files.look()) }
    }

    private func refreshNow() async -> Bool {
        guard !isClosing else { return false }
        let before = exposure
        do {
            try await adopt(files.look())
        } catch {
            logger.error("The server's certificate can't be taken into use: \(error)")
        }
        return exposure != before
    }

    private func adopt(_ condition: CertificateFiles.Condition) async throws {
        var warnings: [String] = []
        var isSecure = exposure.isSecure
        switch condition {
        case .usable(let pair):
            isSecure = true
            exposure.certificate = ServerCertificateStatus(
                mode: files.mode,
                names: pair.hostNames,
                expiresAt: pair.notAfter,
            )
            if !pair.isValid(at: .now) {
                warnings.append("The certificate in \(files.certificate) is not valid today.")
            }
        case .broken(let reason):
            let rest = isSecure ? "The one before it stays in use." : "The server speaks HTTP."
            warnings.append("\(reason) \(rest)")
        case .none where exposure.isExposed:
            if isSecure {
                warnings.append("The certificate is gone from \(files.certificate).")
            }
        case .none:
            isSecure = false
            exposure.certificate = nil
        }
        if exposure.isExposed, !isSecure {
            throw ServerFailure.exposedWithoutCertificate(configuration.host)
        }
        if main == nil || isSecure != exposure.isSecure {
            do {
                try await reopen(isSecure: isSecure, &warnings)
            } catch  where isSecure && !exposure.isExposed && main == nil {
                // The TLS library is stricter than our check.
                warnings.append("\(files.certificate) can't be served (\(error)).")
                isSecure = false
                try await reopen(isSecure: false, &warnings)
            }
        } else if isSecure, exposure.mirror == nil {
            try await retryMirror(&warnings)
        }
        exposure.isSecure = isSecure
        for warning in warnings where !exposure.warnings.contains(warning) {
            logger.warning("\(warning)")
        }
        if let renewalFailure, renewalFailure.of == condition {
            warnings.append(renewalFailure.sentence)
        }
        exposure.warnings = warnings
    }

    private static let mirrorWarning = "The plain mirror"

    /// Replaces the server by a new one on the same sockets, while the old one finishes its
    /// requests.
    private func reopen(isSecure: Bool, _ warnings: inout [String]) async throws {
        let server = try await makeServer(exposure.port, isSecure: isSecure)
        do {
            await main?.stopAccepting()
            for socket in sockets {
                let copy = try socket.duplicate()
                ActivatedSocket(descriptor: copy).closeOnExec()
                _ = try await server.listen(on: ListeningEndpoint(.descriptor(copy.rawValue)))
            }
        } catch {
            await server.shutDown(grace: .zero)
            throw error
        }
        let old = [main, mirror].compactMap(\.self)
        main = server
        mirror = nil
        exposure.mirror = nil
        plainPort = exposure.port
        // Before the mirror opens again: it may get the same port.
        for server in old { await server.stopAccepting() }
        if isSecure { await openMirror(&warnings) }
        for server in old {
            // The task ends with the last connection, at the latest after the grace.
            Task { await server.handOver(grace: Self.handoverGrace) }
        }
    }

    private func openMirror(_ warnings: inout [String]) async {
        do {
            exposure.mirror = try await openMirror(on: configuration.mirrorPort)
        } catch {
            warnings.append("\(Self.mirrorWarning) is missing: \(error)")
            // The proxy still needs a plain port for the names.
            _ = try? await openMirror(on: nil)
        }
    }

    /// The mirror's port may be free by now, as after the end of an earlier server.
    private func retryMirror(_ warnings: inout [String]) async throws {
        let stopgap = mirror
        do {
            exposure.mirror = try await openMirror(on: configuration.mirrorPort)
        } catch {
            warnings.append("\(Self.mirrorWarning) is missing: \(error)")
            return
        }
        // The task ends with the last connection, at the latest after the grace.
        if let stopgap { Task { await stopgap.handOver(grace: Self.handoverGrace) } }
    }

    private func openMirror(on port: Port?) async throws -> Port {
        let bound: BoundSockets
        do {
            bound = try BoundSockets.open(ServerConfiguration.loopback, port)
        } catch ServerFailure.cannotListen(let port?, let error) {
            throw ServerFailure.cannotMirror(port, error)
        }
        let server = try await makeServer(bound.port, isSecure: false)
        for socket in bound.sockets {
            _ = try await server.listen(on: ListeningEndpoint(.descriptor(socket.rawValue)))
        }
        plainPort = bound.port
        mirror = server
        return bound.port
    }

    private func makeServer(_ port: Port, isSecure: Bool) async throws -> ProxyServer {
        try await ProxyServer(
            configuration: ProxyConfiguration(
                port: port,
                certificates: isSecure ? files : nil,
                remotePeers: exposure.isExposed ? .all : .none,
                version: configuration.version,
            ),
            logger: logger,
            server: backend,
        )
    }

    func shutDown(grace: TimeAmount) async {
        isClosing = true
        _ = await look?.value
        let open = [main, mirror].compactMap(\.self)
        main = nil
        mirror = nil
        for server in open { await server.shutDown(grace: grace) }
        // Only once: afterwards other files may get the numbers.
        for socket in sockets { try? socket.close() }
        sockets.removeAll()
    }
}
