import HostSystem
import SwiftASN1
package import SystemPackage
import X509

/// A certificate chain and the key of its first certificate, which belong together.
struct CertificatePair {
    let leaf: Certificate
    let key: Certificate.PrivateKey
    let chain: [PEMDocument]
    let keyDocument: PEMDocument

    init(
        certificate certificatePEM: [UInt8],
        from certificatePath: FilePath,
        key keyPEM: [UInt8],
        from keyPath: FilePath,
    ) throws(CertificateError) {
        chain = try Self.chain(in: certificatePEM, from: certificatePath)
        keyDocument = try Self.key(in: keyPEM, from: keyPath)
        do {
            leaf = try Certificate(derEncoded: chain[0].derBytes)
        } catch {
            throw .malformedCertificate(certificatePath, reason: "\(error)")
        }
        do {
            key = try Certificate.PrivateKey(pemDocument: keyDocument)
        } catch {
            throw .malformedKey(keyPath, reason: "\(error)")
        }
        guard key.publicKey == leaf.publicKey else {
            throw .keyDoesNotMatch(certificate: certificatePath, key: keyPath)
        }
    }

    private static func chain(
        in bytes: [UInt8],
        from path: FilePath,
    ) throws(CertificateError) -> [PEMDocument] {
        do {
            let chain = try PEMFile(bytes).certificates
            guard !chain.isEmpty else { throw CertificateError.noCertificate(path) }
            return chain
        } catch let error as CertificateError {
            throw error
        } catch {
            throw .malformedCertificate(path, reason: "\(error)")
        }
    }

    private static func key(
        in bytes: [UInt8],
        from path: FilePath,
    ) throws(CertificateError) -> PEMDocument {
        do {
            guard let key = try PEMFile(bytes).privateKey else {
                throw CertificateError.noPrivateKey(path)
            }
            guard key.discriminator != "ENCRYPTED PRIVATE KEY" else {
                throw CertificateError.encryptedKey(path)
            }
            return key
        } catch let error as CertificateError {
            throw error
        } catch {
            throw .malformedKey(path, reason: "\(error)")
        }
    }
}

/// The user's own certificate and key for all names (`--cert`, `--key`).
package enum CustomCertificate {
    /// Reads both files and checks that they belong together.
    ///
    /// It doesn't check the dates; `isValid(at:)` does.
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

/// The blocks of a PEM file, whatever text stands around them.
struct PEMFile {
    let blocks: [PEMDocument]

    /// Throws if the content of a block is not valid Base64.
    init(_ bytes: [UInt8]) throws {
        var blocks: [PEMDocument] = []
        var open: [String] = []
        // RFC 7468 section 5.2 allows explanatory text around blocks, and files come with CRLF.
        let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
        for line in lines.map({ $0.trimmed() }) {
            if line.hasPrefix("-----BEGIN ") { open = [] }
            guard line.hasPrefix("-----BEGIN ") || !open.isEmpty else { continue }
            open.append(line)
            guard line.hasPrefix("-----END ") else { continue }
            blocks.append(try PEMDocument(pemString: open.joined(separator: "\n")))
            open = []
        }
        self.blocks = blocks
    }

    /// The first certificate of a PEM text; nil where it has none that can be read.
    static func firstCertificate(in bytes: [UInt8]) -> Certificate? {
        guard let block = try? PEMFile(bytes).certificates.first else { return nil }
        return try? Certificate(derEncoded: block.derBytes)
    }

    var certificates: [PEMDocument] { blocks.filter { $0.discriminator == "CERTIFICATE" } }

    /// The first key: `EC PARAMETERS` and the like that openssl writes before it don't count.
    var privateKey: PEMDocument? { blocks.first { $0.discriminator.hasSuffix("PRIVATE KEY") } }
}

extension Substring {
    fileprivate func trimmed() -> String {
        let front = drop { $0.isWhitespace }
        let end = front.lastIndex { !$0.isWhitespace }
        return end.map { String(front[...$0]) } ?? ""
    }
}

/// Why a certificate or key can't be used, with a remedy.
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
