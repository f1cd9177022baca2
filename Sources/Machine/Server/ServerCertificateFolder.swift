import HostSystem
package import PortlessCore
import SwiftASN1
package import SystemPackage

/// The folder with the server's own certificate: `cert.pem`, `key.pem`, and in `meta.json` who
/// made them.
package struct ServerCertificateFolder: Sendable {
    package let path: FilePath
    private let owner: FileOwner?

    package init(directory: StateDirectory) {
        path = directory.serverCertificates
        owner = directory.owner
    }

    package var certificate: FilePath { path.appending("cert.pem") }
    package var key: FilePath { path.appending("key.pem") }
    private var record: FilePath { path.appending("meta.json") }

    /// `tailscale`, `portless`, or `custom` where nothing says so.
    package var mode: String {
        guard let bytes = try? AtomicFile.read(record), let json = try? JSONValue(parsing: bytes)
        else { return "custom" }
        return json["mode"]?.string ?? "custom"
    }

    /// The pair as it is; nil where there is none that can be used.
    package func pair() -> LeafCertificate? {
        try? CustomCertificate.load(certificate: certificate, key: key)
    }

    /// Whether somebody has put something there.
    package func isUsed() throws -> Bool {
        try FileStatus.of(certificate) != nil || FileStatus.of(key) != nil
    }

    func create() throws {
        let isNew = try FileSystem.makeDirectory(path, mode: .ownerReadWriteExecute)
        if isNew, let owner { try FileSystem.setOwner(owner, of: path) }
    }

    /// Replaces the pair; a reader between the two writes finds that they don't match, and keeps
    /// what it has.
    func write(certificate: [UInt8], key: [UInt8], record: JSONObject) throws {
        try create()
        try AtomicFile.write(key, to: self.key, mode: .ownerReadWrite, owner: owner)
        try AtomicFile.write(certificate, to: self.certificate, owner: owner)
        let text = JSONValue.object(record).formatted + "\n"
        try AtomicFile.write(text.utf8, to: self.record, owner: owner)
    }
}

extension StateDirectory {
    /// Where the original has the certificate of its server, too.
    package var serverCertificates: FilePath { path.appending("certs") }
}
