import HostSystem
import SwiftASN1
package import SystemPackage
import X509

/// The certificate and key that a user brings along for all names (`--cert`, `--key`).
package enum CustomCertificate {
    /// Reads both files and makes sure that they belong together.
    ///
    /// The dates are the user's business: whoever wants to warn looks at `isValid(at:)`.
    package static func load(certificate: FilePath, key: FilePath) throws -> LeafCertificate {
        let pair = try CertificatePair(
            certificate: AtomicFile.read(certificate),
            from: certificate,
            key: AtomicFile.read(key),
            from: key,
        )
        return LeafCertificate(
            chain: pair.chain.map(\.derBytes),
            privateKey: pair.keyDocument.derBytes,
            notBefore: Timestamp(pair.leaf.notValidBefore),
            notAfter: Timestamp(pair.leaf.notValidAfter),
        )
    }
}
