package import SystemPackage

/// Why a certificate or key can't be used, each told as one sentence with its remedy.
package enum CertificateError: Error, Hashable, CustomStringConvertible {
    case noCertificate(FilePath)
    case noPrivateKey(FilePath)
    case encryptedKey(FilePath)
    case malformedCertificate(FilePath, reason: String)
    case malformedKey(FilePath, reason: String)
    case keyDoesNotMatch(certificate: FilePath, key: FilePath)
    case notAnAuthority(FilePath)

    package var description: String {
        switch self {
        case .noCertificate(let path):
            "\(path) holds no PEM certificate. Give a file with a `BEGIN CERTIFICATE` block."
        case .noPrivateKey(let path):
            "\(path) holds no PEM private key. Give a file with a `BEGIN PRIVATE KEY` block."
        case .encryptedKey(let path):
            """
            The private key in \(path) is encrypted. Decrypt it with \
            `openssl pkey -in \(path) -out plain-key.pem` and give that file.
            """
        case .malformedCertificate(let path, let reason):
            "The certificate in \(path) can't be read (\(reason)). Give a valid PEM certificate."
        case .malformedKey(let path, let reason):
            """
            The private key in \(path) can't be read (\(reason)). Give an unencrypted RSA, ECDSA \
            or Ed25519 key.
            """
        case .keyDoesNotMatch(let certificate, let key):
            """
            The key in \(key) does not belong to the certificate in \(certificate). Give the pair \
            that was issued together.
            """
        case .notAnAuthority(let path):
            "The certificate in \(path) is not that of a CA. Move it away to get a new CA."
        }
    }
}
