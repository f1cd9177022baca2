import HostSystem
package import PortlessCore

/// The file that tells a start, without asking the system, that the CA is trusted.
package struct TrustMarker: Sendable {
    private let directory: StateDirectory
    private let isWSL: Bool

    package init(directory: StateDirectory, isWSL: Bool = false) {
        self.directory = directory
        self.isWSL = isWSL
    }

    /// Whether it names the CA that is there now.
    package var isSet: Bool {
        guard let marker = try? AtomicFile.read(directory[.caTrusted]),
            let expected = try? content()
        else { return false }
        return marker == expected
    }

    /// Records the answer of a store.
    package func set(_ isTrusted: Bool) throws {
        // Under WSL the original's marker also covers Windows, which this program doesn't ask.
        guard isTrusted, !isWSL else {
            try FileSystem.removeFile(directory[.caTrusted])
            return
        }
        guard !isSet else { return }
        try AtomicFile.write(try content(), to: directory[.caTrusted], owner: directory.owner)
    }

    private func content() throws -> [UInt8] {
        let fingerprint = Fingerprint(of: try AtomicFile.read(directory[.caCertificate]))
        return Array(((isWSL ? "wsl:" : "") + fingerprint.description + "\n").utf8)
    }
}
