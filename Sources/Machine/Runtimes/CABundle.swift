import HostSystem
package import PortlessCore
import SwiftASN1
package import SystemPackage

/// The file with the system's roots, our CA, and the certificates of a file of the user's, for
/// runtimes that know only one file.
package struct CABundle: Sendable {
    private let directory: StateDirectory
    private let systemRoots: FilePath?
    private let usersFile: FilePath?

    /// `usersFile` is what the user had set in a runtime's variable; a bundle is made for each.
    package init(
        directory: StateDirectory,
        systemRoots: FilePath?,
        usersFile: FilePath? = nil,
    ) {
        self.directory = directory
        self.systemRoots = systemRoots
        self.usersFile = usersFile
    }

    /// Writes the bundle where one of its sources has changed, and says where it is.
    package func refresh() throws -> FilePath {
        let sources = [systemRoots, ca, usersFile].compactMap(\.self)
        let marks = try sources.map(mark).joined(separator: " and ")
        let stamp = "# Made by portless of \(marks).\n"
        let bundle = path
        if let content = try? AtomicFile.read(bundle), content.starts(with: stamp.utf8) {
            return bundle
        }
        var content = Array(stamp.utf8)
        for source in [systemRoots, ca].compactMap(\.self) {
            // A root file may lack its last newline, and `-----END…-----BEGIN…` is no PEM.
            content += try AtomicFile.read(source) + Array("\n".utf8)
        }
        if let usersFile { content += try Self.certificates(in: usersFile) }
        if usersFile != nil { try makeFolder() }
        try AtomicFile.write(content, to: bundle, owner: directory.owner)
        return bundle
    }

    private var ca: FilePath { directory[.caCertificate] }

    private var path: FilePath {
        guard let usersFile else { return directory[.caBundle] }
        // FNV-1a: the name only has to be the same one each time.
        let hash = usersFile.string.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01b3
        }
        return directory[.caBundles].appending("\(String(hash, radix: 16)).pem")
    }

    private func makeFolder() throws {
        let folder = directory[.caBundles]
        let isNew = try FileSystem.makeDirectory(
            folder,
            mode: [.ownerReadWriteExecute, .groupExecute, .otherExecute],
        )
        if isNew, let owner = directory.owner { try FileSystem.setOwner(owner, of: folder) }
    }

    /// The certificates alone: a file with a key beside them isn't for every reader.
    private static func certificates(in file: FilePath) throws -> [UInt8] {
        let content = try AtomicFile.read(file)
        guard let certificates = try? PEMFile(content).certificates, !certificates.isEmpty else {
            throw CertificateError.noCertificate(file)
        }
        return certificates.flatMap { Array($0.pemString.utf8) + Array("\n".utf8) }
    }

    /// What changes with the file's content, without reading it.
    private func mark(_ path: FilePath) throws -> String {
        guard let status = try FileStatus.of(path) else {
            throw SystemError("read", path: path, errno: .noSuchFileOrDirectory)
        }
        return "\(path) (\(status.size) bytes of \(status.modified), file \(status.inode))"
    }
}

/// The file in which this system keeps its root certificates for OpenSSL and others.
package enum SystemRoots {
    /// In order of preference.
    private static let candidates: [FilePath] = [
        // Homebrew's bundle also holds what the keychains trust; Apple's own file doesn't.
        "/opt/homebrew/etc/ca-certificates/cert.pem",
        "/usr/local/etc/ca-certificates/cert.pem",
        // Debian, Ubuntu, Arch, Alpine, Gentoo.
        "/etc/ssl/certs/ca-certificates.crt",
        // Fedora, RHEL.
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "/etc/pki/tls/certs/ca-bundle.crt",
        // openSUSE.
        "/var/lib/ca-certificates/ca-bundle.pem",
        "/etc/ssl/ca-bundle.pem",
        // macOS, BSD.
        "/etc/ssl/cert.pem",
    ]

    package static func find() -> FilePath? {
        candidates.first { path in
            guard let status = try? FileStatus.of(path) else { return false }
            return !status.isDirectory && status.size > 0
        }
    }
}
