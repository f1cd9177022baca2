package import HostSystem
import SwiftASN1
package import SystemPackage
import X509

/// The local CA: the certificate that a machine trusts, and the key that signs leaves.
///
/// A class, because Swift 6.3.1 miscompiles functions that catch a typed error and then return nil of
/// an Optional which is too large for registers: the nil is written by a tail call to `memset`, and
/// the error register stays set. The caller sees an error whose value is garbage. An optional
/// reference is returned in a register. `scripts/check-miscompilation` looks for other such functions.
package final class CertificateAuthority: Sendable {
    /// Users and trust stores know the CA by it; the original's is the same.
    package static let commonName = "portless Local CA"

    let certificate: Certificate
    let key: Certificate.PrivateKey
    package let der: [UInt8]
    package let scope: NameScope
    package let notBefore: Timestamp
    package let notAfter: Timestamp

    init(certificate: Certificate, key: Certificate.PrivateKey) throws {
        self.certificate = certificate
        self.key = key
        var serializer = DER.Serializer()
        try serializer.serialize(certificate)
        der = serializer.serializedBytes
        scope = try NameScope(of: certificate)
        notBefore = Timestamp(certificate.notValidBefore)
        notAfter = Timestamp(certificate.notValidAfter)
    }

    /// A CA from the text of its two files; the paths only serve the messages.
    package convenience init(
        certificate certificatePEM: [UInt8],
        from certificatePath: FilePath,
        key keyPEM: [UInt8],
        from keyPath: FilePath,
    ) throws(CertificateError) {
        let pair = try CertificatePair(
            certificate: certificatePEM,
            from: certificatePath,
            key: keyPEM,
            from: keyPath,
        )
        do {
            let constraints = try pair.leaf.extensions.basicConstraints
            guard case .isCertificateAuthority = constraints else {
                throw CertificateError.notAnAuthority(certificatePath)
            }
            try self.init(certificate: pair.leaf, key: pair.key)
        } catch let error as CertificateError {
            throw error
        } catch {
            throw .malformedCertificate(certificatePath, reason: "\(error)")
        }
    }
}
