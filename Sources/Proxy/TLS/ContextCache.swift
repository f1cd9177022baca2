import NIOConcurrencyHelpers
import NIOSSL

/// Keeps the TLS library's form of the certificates in use, so that a handshake parses nothing.
///
/// The source decides which certificate a name gets and when it is renewed; an entry here is
/// only reused for the very leaf that it was made from.
final class ContextCache: Sendable {
    private struct Entry {
        let leaf: [UInt8]
        let override: NIOSSLContextConfigurationOverride
    }

    /// Names beyond this push out all others: they are made anew in a millisecond.
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
