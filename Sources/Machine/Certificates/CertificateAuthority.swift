import Crypto
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
    /// The name in trust stores, which is the original's, too.
    package static let commonName = "portless Local CA"

    /// Whether a PEM certificate is signed by such a CA, to go by the name of its issuer.
    package static func isIssuer(of pem: [UInt8]) -> Bool {
        PEMFile.firstCertificate(in: pem).map { "\($0.issuer)" == "CN=\(commonName)" } ?? false
    }

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

    /// A CA from the text of its two files, whose paths only appear in messages.
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

extension CertificateAuthority {
    /// A new CA and its two files.
    struct Minted {
        let authority: CertificateAuthority
        let certificatePEM: String
        let keyPEM: String
    }

    private static let lifetimeInDays = 3650

    /// Creates a CA that can sign for servers in `scope` and on loopback, and for nothing else.
    static func mint(for scope: NameScope, at now: Timestamp) throws -> Minted {
        let key = P256.Signing.PrivateKey()
        let subject = try DistinguishedName { CommonName(commonName) }
        let publicKey = Certificate.PublicKey(key.publicKey)
        let certificate = try Certificate(
            version: .v3,
            serialNumber: .portlessRandom(),
            publicKey: publicKey,
            notValidBefore: now.advanced(byDays: -LeafIssuer.backdatedDays).date,
            notValidAfter: now.advanced(byDays: lifetimeInDays).date,
            issuer: subject,
            subject: subject,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try extensions(for: publicKey, scope: scope),
            issuerPrivateKey: Certificate.PrivateKey(key),
        )
        return Minted(
            authority: try CertificateAuthority(
                certificate: certificate,
                key: Certificate.PrivateKey(key),
            ),
            certificatePEM: try certificate.serializeAsPEM().pemString + "\n",
            keyPEM: try SEC1PrivateKey(key: key).serializeAsPEM().pemString + "\n",
        )
    }

    private static func extensions(
        for publicKey: Certificate.PublicKey,
        scope: NameScope,
    ) throws -> Certificate.Extensions {
        try Certificate.Extensions {
            // No CA below this one: a client might not apply the name constraints to it.
            Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
            Critical(KeyUsage(keyCertSign: true, cRLSign: true))
            try ExtendedKeyUsage([.serverAuth])
            SubjectKeyIdentifier(hash: publicKey)
            if let constraints = scope.constraints { Critical(constraints) }
        }
    }
}

extension Certificate.SerialNumber {
    /// 16 random bytes: positive, not zero and well below the 20 bytes of RFC 5280 section 4.1.2.2.
    static func portlessRandom() -> Self {
        var bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max) }
        bytes[0] = bytes[0] & 0x7F | 0x40
        return Self(bytes: bytes)
    }
}

/// An EC key as RFC 5915 writes it, the form that the original's files have.
struct SEC1PrivateKey: DERSerializable, PEMSerializable {
    static let defaultPEMDiscriminator = "EC PRIVATE KEY"
    private static let prime256v1: ASN1ObjectIdentifier = [1, 2, 840, 10045, 3, 1, 7]

    let key: P256.Signing.PrivateKey

    func serialize(into coder: inout DER.Serializer) throws {
        try coder.appendConstructedNode(identifier: .sequence) { coder in
            try coder.serialize(1 as Int)
            try coder.serialize(ASN1OctetString(contentBytes: Array(key.rawRepresentation)[...]))
            try coder.serialize(
                Self.prime256v1,
                explicitlyTaggedWithTagNumber: 0,
                tagClass: .contextSpecific,
            )
            try coder.serialize(
                ASN1BitString(bytes: Array(key.publicKey.x963Representation)[...]),
                explicitlyTaggedWithTagNumber: 1,
                tagClass: .contextSpecific,
            )
        }
    }
}

/// The digest that a certificate's signature uses.
enum SignatureDigest {
    private static let sha1: Set<ASN1ObjectIdentifier> = [
        [1, 2, 840, 10045, 4, 1],
        [1, 2, 840, 113549, 1, 1, 5],
    ]

    /// Whether the PEM certificate is signed with SHA-1, which browsers and OpenSSL refuse.
    ///
    /// Reads only the algorithm's identifier: swift-certificates refuses a certificate that is signed
    /// with ECDSA and SHA-1.
    static func isSHA1(_ pem: [UInt8]) -> Bool {
        guard let document = try? PEMFile(pem).certificates.first,
            let certificate = try? DER.parse(document.derBytes),
            // Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signature }
            case .constructed(let certificateFields) = certificate.content,
            case let fields = Array(certificateFields), fields.count == 3,
            case .constructed(let algorithm) = fields[1].content,
            let identifier = Array(algorithm).first
        else { return false }
        return (try? ASN1ObjectIdentifier(derEncoded: identifier)).map(sha1.contains) ?? false
    }
}
