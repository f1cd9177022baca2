import NIOConcurrencyHelpers
import NIOCore
import NIOSSL

/// Makes the one TLS context that all connections share, so that sessions can be resumed.
enum ServerTLS {
    /// ECDHE with AEAD only; TLS 1.3's suites are all of that kind.
    private static let cipherSuites: [NIOTLSCipher] = [
        .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
        .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    ]

    static func makeContext(_ source: any CertificateSource) throws -> NIOSSLContext {
        let fallback = try source.certificate(forServerName: nil)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try chain(fallback),
            privateKey: try key(fallback),
        )
        configuration.minimumTLSVersion = .tlsv12
        configuration.cipherSuiteValues = cipherSuites
        configuration.applicationProtocols = ["h2", "http/1.1"]
        let cache = ContextCache(source: source)
        configuration.sslContextCallback = { values, promise in
            promise.completeWith(Result { try cache.override(for: values.serverHostname) })
        }
        return try NIOSSLContext(configuration: configuration)
    }

    static func chain(_ certificate: ServerCertificate) throws -> [NIOSSLCertificateSource] {
        try certificate.chain.map { .certificate(try NIOSSLCertificate(bytes: $0, format: .der)) }
    }

    static func key(_ certificate: ServerCertificate) throws -> NIOSSLPrivateKeySource {
        .privateKey(try NIOSSLPrivateKey(bytes: certificate.privateKey, format: .der))
    }
}

/// Keeps the TLS library's form of the certificates in use, so that a handshake parses nothing.
///
/// The source decides which certificate a name gets and when it is renewed; an entry here is
/// only reused for the very leaf that it was made from.
private final class ContextCache: Sendable {
    private struct Entry {
        let leaf: [UInt8]
        let override: NIOSSLContextConfigurationOverride
    }

    /// More names than this push out all others, which take a millisecond each to make again.
    private static let capacity = 512

    private let source: any CertificateSource
    private let entries = NIOLockedValueBox<[String: Entry]>([:])

    init(source: any CertificateSource) {
        self.source = source
    }

    func override(for serverName: String?) throws -> NIOSSLContextConfigurationOverride {
        let certificate = try source.certificate(forServerName: serverName)
        let leaf = certificate.chain.first ?? []
        let name = serverName ?? ""
        if let entry = entries.withLockedValue({ $0[name] }), entry.leaf == leaf {
            return entry.override
        }
        var override = NIOSSLContextConfigurationOverride()
        override.certificateChain = try ServerTLS.chain(certificate)
        override.privateKey = try ServerTLS.key(certificate)
        entries.withLockedValue { [override] entries in
            if entries.count >= Self.capacity { entries.removeAll() }
            entries[name] = Entry(leaf: leaf, override: override)
        }
        return override
    }
}
