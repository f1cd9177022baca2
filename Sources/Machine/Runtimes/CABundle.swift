import HostSystem
package import PortlessCore
package import SystemPackage

/// The file with the system's roots and our CA, for runtimes that know only one file.
package struct CABundle: Sendable {
    private let directory: StateDirectory
    private let systemRoots: FilePath

    package init(directory: StateDirectory, systemRoots: FilePath) {
        self.directory = directory
        self.systemRoots = systemRoots
    }

    /// Writes the bundle where one of its two sources has changed, and says where it is.
    package func refresh() throws -> FilePath {
        let stamp = try "# Made by portless of \(mark(systemRoots)) and \(mark(ca)).\n"
        let bundle = directory.caBundle
        if let content = try? AtomicFile.read(bundle), content.starts(with: stamp.utf8) {
            return bundle
        }
        let roots = try AtomicFile.read(systemRoots)
        let own = try AtomicFile.read(ca)
        // A root file may lack its last newline, and `-----END…-----BEGIN…` is no PEM.
        let content = Array(stamp.utf8) + roots + Array("\n".utf8) + own
        try AtomicFile.write(content, to: bundle, owner: directory.owner)
        return bundle
    }

    private var ca: FilePath { directory.caCertificate }

    /// What changes with the file's content, without reading it.
    private func mark(_ path: FilePath) throws -> String {
        guard let status = try FileStatus.of(path) else {
            throw SystemError("read", path: path, errno: .noSuchFileOrDirectory)
        }
        return "\(path) (\(status.size) bytes of \(status.modified), file \(status.inode))"
    }
}

/// The file in which this system keeps its root certificates for OpenSSL and its like.
package enum SystemRoots {
    /// In the order of preference; what a distribution doesn't have isn't there.
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

    /// Nil where none of the known places has one.
    package static func find() -> FilePath? {
        candidates.first { path in
            guard let status = try? FileStatus.of(path) else { return false }
            return !status.isDirectory && status.size > 0
        }
    }
}
