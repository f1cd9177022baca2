import HostSystem
package import SystemPackage

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
