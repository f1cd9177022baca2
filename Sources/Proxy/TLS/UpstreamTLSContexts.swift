import HostSystem
import NIOCore
import NIOSSL
import PortlessCore
import SystemPackage

/// Speaks TLS with upstreams that want it, and checks who they are.
///
/// A certificate counts if the system's authorities or our own have signed it, for the name that the
/// route says. Confined to one event loop.
final class UpstreamTLSContexts {
    private struct Key: Hashable {
        let isInsecure: Bool
        let offersHTTP2: Bool
        /// Another file means that there is a new authority.
        let authority: FileStatus?
    }

    private static let timeout = TimeAmount.seconds(10)

    private let authority: FilePath?
    private var contexts: [Key: NIOSSLContext] = [:]

    /// `authority` is the file with our own certificate authority, if there is one.
    init(authority: FilePath?) {
        self.authority = authority
    }

    /// Shakes hands on a connection that was just opened.
    ///
    /// `completion` gets the protocol that the upstream has chosen, and adds its handlers before it
    /// returns. After a failure the connection is closed.
    func begin(
        on channel: any Channel,
        _ tls: UpstreamTLS,
        offersHTTP2: Bool,
        _ completion: @escaping (Result<String?, UpstreamFailure>) -> Void,
    ) {
        var isSettled = false
        func settle(_ result: Result<String?, UpstreamFailure>) {
            guard !isSettled else { return }
            isSettled = true
            completion(result)
        }
        let deadline = channel.eventLoop.assumeIsolated().scheduleTask(in: Self.timeout) {
            settle(.failure(.untrusted("it took too long", tls)))
            channel.close(promise: nil)
        }
        let alpn = ALPNHandler { name in
            deadline.cancel()
            settle(.success(name))
        } whenFailed: { error in
            deadline.cancel()
            settle(.failure(.untrusted(Self.words(for: error), tls)))
        }
        do {
            let context = try context(tls, offersHTTP2: offersHTTP2)
            let handler = try NIOSSLClientHandler(
                context: context,
                serverHostname: tls.serverName,
            )
            try channel.pipeline.syncOperations.addHandlers([handler, alpn])
        } catch {
            deadline.cancel()
            channel.close(promise: nil)
            settle(.failure(.untrusted(Self.words(for: error), tls)))
        }
    }

    private func context(_ tls: UpstreamTLS, offersHTTP2: Bool) throws -> NIOSSLContext {
        let status = authority.flatMap { try? FileStatus.of($0) }
        let key = Key(isInsecure: tls.isInsecure, offersHTTP2: offersHTTP2, authority: status)
        if let context = contexts[key] { return context }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = offersHTTP2 ? ["h2", "http/1.1"] : ["http/1.1"]
        if tls.isInsecure {
            configuration.certificateVerification = .none
        } else if let authority, status != nil {
            let own = try NIOSSLCertificate.fromPEMFile(authority.string)
            configuration.additionalTrustRoots = [.certificates(own)]
        }
        let context = try NIOSSLContext(configuration: configuration)
        contexts = contexts.filter { $0.key.authority == status }
        contexts[key] = context
        return context
    }

    private static func words(for error: any Error) -> String {
        if error as? ChannelError == .eof { return "it closed the connection" }
        return String(describing: error)
    }
}
