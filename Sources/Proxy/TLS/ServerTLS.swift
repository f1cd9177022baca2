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

    /// What clients of names may speak, by ALPN (RFC 7301).
    static let web = ["h2", "http/1.1"]
    /// A client of a TCP name that asks for HTTP gets a page; PostgreSQL's insists on its own name.
    static let tunnels = ["postgresql"] + web

    static func makeContext(
        _ source: any CertificateSource,
        protocols: [String] = web,
    ) throws -> NIOSSLContext {
        let fallback = try source.certificate(forServerName: nil)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try chain(fallback),
            privateKey: try key(fallback),
        )
        configuration.minimumTLSVersion = .tlsv12
        configuration.cipherSuiteValues = cipherSuites
        configuration.applicationProtocols = protocols
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
/// The source decides which certificate a name gets and when it is renewed. Leaves are the keys
/// here, and not names: a client may ask for any number of names that share one leaf.
private final class ContextCache: Sendable {
    private struct Entry {
        let override: NIOSSLContextConfigurationOverride
        var lastUse: UInt64
    }

    private struct State {
        var entries: [[UInt8]: Entry] = [:]
        var uses: UInt64 = 0
    }

    /// Beyond this the one unused for longest makes room; it takes a millisecond to make again.
    private static let capacity = 1024

    private let source: any CertificateSource
    private let state = NIOLockedValueBox(State())

    init(source: any CertificateSource) {
        self.source = source
    }

    func override(for serverName: String?) throws -> NIOSSLContextConfigurationOverride {
        let certificate = try source.certificate(forServerName: serverName)
        let leaf = certificate.chain.first ?? []
        let known = state.withLockedValue { state in
            state.uses += 1
            state.entries[leaf]?.lastUse = state.uses
            return state.entries[leaf]?.override
        }
        if let known { return known }
        var override = NIOSSLContextConfigurationOverride()
        override.certificateChain = try ServerTLS.chain(certificate)
        override.privateKey = try ServerTLS.key(certificate)
        state.withLockedValue { [override] state in
            state.entries[leaf] = Entry(override: override, lastUse: state.uses)
            guard state.entries.count > Self.capacity else { return }
            let oldest = state.entries.min { $0.value.lastUse < $1.value.lastUse }
            if let oldest { state.entries[oldest.key] = nil }
        }
        return override
    }
}
