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
