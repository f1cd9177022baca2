import HostSystem
package import PortlessCore
package import SystemPackage
import X509

/// The folder with the server's own certificate: `cert.pem`, `key.pem`, and in `meta.json` who
/// made them.
package struct ServerCertificateFolder: Sendable {
    package let path: FilePath
    private let lock: FilePath
    private let owner: FileOwner?

    package init(directory: StateDirectory) {
        path = directory[.serverCertificates]
        lock = directory[.serverCertificatesLock]
        owner = directory.owner
    }

    package var certificate: FilePath { path.appending("cert.pem") }
    package var key: FilePath { path.appending("key.pem") }
    private var record: FilePath { path.appending("meta.json") }

    /// `tailscale`, `portless`, or `custom` where nothing says so.
    ///
    /// The record has to describe the certificate that is there: the user may have replaced it.
    package var mode: String {
        guard let bytes = try? AtomicFile.read(record), let json = try? JSONValue(parsing: bytes),
            let mode = json["mode"]?.string
        else { return "custom" }
        guard let certificate = try? AtomicFile.read(certificate) else { return mode }
        let end = PEMFile.firstCertificate(in: certificate).map { Timestamp($0.notValidAfter) }
        return end?.text == json["expiresAt"]?.string ? mode : "custom"
    }

    /// The pair as it is; nil where there is none that can be used.
    package func pair() -> LeafCertificate? {
        try? CustomCertificate.load(certificate: certificate, key: key)
    }

    package func isUsed() throws -> Bool {
        try FileStatus.of(certificate) != nil || FileStatus.of(key) != nil
    }

    func create() throws {
        let isNew = try FileSystem.makeDirectory(path, mode: .ownerReadWriteExecute)
        if isNew, let owner { try FileSystem.setOwner(owner, of: path) }
    }

    /// A path for a file that is going to be moved to its place.
    func temporaryPath() -> FilePath { TemporaryFile.path(beside: path.appending("new.pem")) }

    /// Replaces the pair, or leaves it where there isn't room on the disk for all of the new one.
    ///
    /// A reader between two of the files finds that they don't match, and keeps what it has.
    func write(certificate: [UInt8], key: [UInt8], record: JSONObject) throws {
        try create()
        let record = Array((JSONValue.object(record).formatted + "\n").utf8)
        let readable: FilePermissions = [.ownerReadWrite, .groupRead, .otherRead]
        let files = [
            (key, self.key, .ownerReadWrite), (certificate, self.certificate, readable),
            (record, self.record, readable),
        ]
        TemporaryFile.removeAbandoned(beside: path.appending("new.pem"))
        var moves: [(from: FilePath, to: FilePath)] = []
        defer { for move in moves { try? FileSystem.removeFile(move.from) } }
        for (bytes, path, mode) in files {
            let new = temporaryPath()
            moves.append((new, path))
            try AtomicFile.write(bytes, to: new, mode: mode, owner: owner)
        }
        // The server and a command may both write; a half of each would be no pair.
        try FileLock.withLock(at: lock, owner: owner) {
            for move in moves { try FileSystem.move(move.from, to: move.to) }
        }
    }
}
