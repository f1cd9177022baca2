import SwiftASN1

/// What a certificate's signature was made over.
enum SignatureDigest {
    private static let sha1: Set<ASN1ObjectIdentifier> = [
        [1, 2, 840, 10045, 4, 1],
        [1, 2, 840, 113549, 1, 1, 5],
    ]

    /// Whether the PEM certificate is signed with SHA-1, which browsers and OpenSSL refuse.
    ///
    /// Looks only at the algorithm's identifier, for swift-certificates refuses to read such a
    /// certificate where it is signed with ECDSA.
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
