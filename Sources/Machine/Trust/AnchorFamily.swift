package import SystemPackage

/// How a family of Linux distributions takes a CA: the folder of its file, and the command to run.
package struct AnchorFamily: Hashable, Sendable {
    /// Values of `ID` and `ID_LIKE` in os-release.
    package let identifiers: Set<String>
    package let directory: FilePath
    package let refresh: [String]
    /// The same after a file has been removed.
    package let refreshAfterRemoval: [String]
    /// The file with all trusted roots that the refresh writes and OpenSSL reads.
    package let bundle: FilePath?

    package init(
        identifiers: Set<String>,
        directory: FilePath,
        refresh: [String],
        refreshAfterRemoval: [String]? = nil,
        bundle: FilePath?,
    ) {
        self.identifiers = identifiers
        self.directory = directory
        self.refresh = refresh
        self.refreshAfterRemoval = refreshAfterRemoval ?? refresh
        self.bundle = bundle
    }

    package static let all: [AnchorFamily] = [
        AnchorFamily(
            identifiers: ["arch"],
            directory: "/etc/ca-certificates/trust-source/anchors",
            refresh: ["update-ca-trust"],
            bundle: "/etc/ca-certificates/extracted/tls-ca-bundle.pem",
        ),
        AnchorFamily(
            identifiers: ["fedora", "rhel", "centos"],
            directory: "/etc/pki/ca-trust/source/anchors",
            refresh: ["update-ca-trust"],
            bundle: "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        ),
        AnchorFamily(
            identifiers: ["suse", "opensuse", "sles"],
            directory: "/etc/pki/trust/anchors",
            refresh: ["update-ca-certificates"],
            bundle: "/var/lib/ca-certificates/ca-bundle.pem",
        ),
        AnchorFamily(
            identifiers: ["debian", "ubuntu", "alpine"],
            directory: "/usr/local/share/ca-certificates",
            refresh: ["update-ca-certificates"],
            // Without it a dead link stays in /etc/ssl/certs.
            refreshAfterRemoval: ["update-ca-certificates", "--fresh"],
            bundle: "/etc/ssl/certs/ca-certificates.crt",
        ),
    ]

    /// The family that os-release names, else the first whose command and folder are there.
    static func detect(
        osRelease: String,
        has program: (String) -> Bool,
        isDirectory: (FilePath) -> Bool,
    ) -> AnchorFamily? {
        let identifiers = identifiers(in: osRelease)
        // `ID` goes before `ID_LIKE`: the latter of a derivative may name several families.
        for identifier in identifiers {
            if let family = all.first(where: { $0.identifiers.contains(identifier) }) {
                return family
            }
        }
        return all.first { family in
            family.refresh.first.map(program) == true
                && isDirectory(family.directory.removingLastComponent())
        }
    }

    private static func identifiers(in osRelease: String) -> [String] {
        var own: [String] = []
        var like: [String] = []
        for line in osRelease.split(whereSeparator: \.isNewline) {
            let parts = line.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { continue }
            let words = parts[1].filter { $0 != "\"" && $0 != "'" }.lowercased()
                .split(separator: " ").flatMap { word in
                    // openSUSE says `opensuse-leap` and the like.
                    [String(word)] + word.split(separator: "-").prefix(1).map(String.init)
                }
            if parts[0] == "ID" { own = words }
            if parts[0] == "ID_LIKE" { like = words }
        }
        return own + like
    }
}
