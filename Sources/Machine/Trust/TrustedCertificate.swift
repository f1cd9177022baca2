import Crypto
import HostSystem
package import PortlessCore
import SwiftASN1
package import SystemPackage

/// A CA certificate as trust stores need it: its file, content and fingerprints.
package struct TrustedCertificate: Hashable, Sendable {
    package let path: FilePath
    package let pem: [UInt8]
    let der: [UInt8]

    package init(path: FilePath, pem: [UInt8]) throws(CertificateError) {
        do {
            guard let document = try PEMFile(pem).certificates.first else {
                throw CertificateError.noCertificate(path)
            }
            der = document.derBytes
        } catch let error as CertificateError {
            throw error
        } catch {
            throw .malformedCertificate(path, reason: "\(error)")
        }
        self.path = path
        self.pem = pem
    }

    /// The CA of a state directory; nil where there is none yet.
    package static func current(in directory: StateDirectory) throws -> TrustedCertificate? {
        guard try FileStatus.of(directory[.caCertificate]) != nil else { return nil }
        return try TrustedCertificate(
            path: directory[.caCertificate],
            pem: AtomicFile.read(directory[.caCertificate]),
        )
    }

    /// The CAs that this directory had before, which stores may still hold.
    package static func retired(in directory: StateDirectory) -> [TrustedCertificate] {
        let names = DirectoryListing.names(directory.path)
            .filter { $0.hasPrefix("ca-") && $0.hasSuffix(".retired.pem") }
        return names.sorted().compactMap { name in
            let path = directory.path.appending(name)
            guard let pem = try? AtomicFile.read(path) else { return nil }
            // The retired keys lie beside them and hold no certificate.
            return try? TrustedCertificate(path: path, pem: pem)
        }
    }

    /// The CAs that this one has replaced: their files lie beside it.
    static func retired(besides certificate: TrustedCertificate) -> [TrustedCertificate] {
        retired(in: StateDirectory(path: certificate.path.removingLastComponent()))
            .filter { $0.der != certificate.der }
    }

    /// Of the DER bytes, as tools show it.
    package var fingerprint: Fingerprint { Fingerprint(of: der) }

    /// What macOS's `security` finds certificates by.
    var sha1: String { Insecure.SHA1.hash(data: der).hexadecimal.uppercased() }
}

/// The SHA-256 of some bytes in lower-case hexadecimal.
package struct Fingerprint: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(of bytes: [UInt8]) {
        description = SHA256.hash(data: bytes).hexadecimal
    }

    /// Enough to distinguish files.
    var short: Substring { description.prefix(16) }
}
