import Crypto
import HostSystem
import SwiftASN1
import X509

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
            // No CA below this one, whose name constraints a client might not carry over.
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
