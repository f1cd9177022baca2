import SwiftASN1
import SystemPackage
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
