import HostSystem
import SystemPackage

/// The CA certificates of a Linux distribution, which OpenSSL, curl, Python, Go and others read.
struct SystemAnchors: TrustStore {
    /// The original's, so that what it has installed is found.
    private static let fileName = "portless-ca.crt"

    let name = "system certificates"
    let family: AnchorFamily
    /// Where an earlier version may have put a file, which is removed, too.
    let otherDirectories: [FilePath]
    /// Exists while a refresh is still due because it failed after the file was removed.
    let pending: FilePath
    let administrator: Administrator
    /// False for a folder that this user may write, such as one that the user chose.
    let needsRoot: Bool

    func status(of certificate: TrustedCertificate) async -> TrustStatus {
        let isThere = candidates(for: certificate).contains { holds($0, certificate) }
        return isThere && isListed(certificate) != false ? .trusted : .untrusted
    }

    func install(_ certificate: TrustedCertificate) async throws(TrustError) {
        guard await status(of: certificate) != .trusted else { return }
        let anchor = anchor(for: certificate)
        let folder = Command("install", ["-d", "-m", "755", family.directory.string])
        let preparation = family.directory.isDirectory ? [] : [folder]
        let copy = Command("install", ["-m", "644", certificate.path.string, anchor.string])
        let refresh = Self.command(family.refresh)
        let steps = preparation + [copy, refresh]
        if administrator.isRoot {
            try await perform(preparation)
            try put(certificate, at: anchor, orByHand: steps)
            try await perform([refresh])
        } else {
            try await perform(steps)
        }
        guard await status(of: certificate) == .trusted else {
            throw error("the certificate is in \(anchor), but still not in effect", steps)
        }
    }

    func uninstall(_ certificate: TrustedCertificate) async throws(TrustError) {
        let files = ([family.directory] + otherDirectories)
            .flatMap { candidates(for: certificate, in: $0) }
            .filter { holds($0, certificate) }
        guard !files.isEmpty || isPending || isListed(certificate) == true else { return }
        let removal = Command("rm", ["-f", "--"] + files.map(\.string))
        let refresh = Self.command(family.refreshAfterRemoval)
        let steps = files.isEmpty ? [refresh] : [removal, refresh]
        do {
            try AtomicFile.write("1\n".utf8, to: pending)
        } catch {
            throw self.error(error.description, steps)
        }
        try await perform(steps)
        guard isListed(certificate) != true else {
            throw error("the certificate is still in effect", steps)
        }
        try? FileSystem.removeFile(pending)
    }

    /// What root does in place of `install`, which would read the user's file again: it may be a link
    /// to any other file by then.
    private func put(
        _ certificate: TrustedCertificate,
        at anchor: FilePath,
        orByHand steps: [Command],
    ) throws(TrustError) {
        do throws(SystemError) {
            try Privileges.asRoot { () throws(SystemError) in
                try AtomicFile.write(certificate.pem, to: anchor)
            }
        } catch {
            throw self.error(error.description, steps)
        }
    }

    private static func command(_ words: [String]) -> Command {
        Command(words.first ?? "true", Array(words.dropFirst()))
    }

    private var isPending: Bool { (try? FileStatus.of(pending)) != nil }

    private func perform(_ steps: [Command]) async throws(TrustError) {
        for step in steps {
            do {
                try await administrator.run(step, needsRoot: needsRoot)
            } catch {
                throw self.error(error.description, steps)
            }
        }
    }

    private func error(_ reason: String, _ steps: [Command]) -> TrustError {
        TrustError(
            store: name,
            reason: reason,
            byHand: steps.map { administrator.byHand($0, needsRoot: needsRoot) },
        )
    }

    /// The usual name, or another one if a foreign CA has that.
    private func anchor(for certificate: TrustedCertificate) -> FilePath {
        let usual = family.directory.appending(Self.fileName)
        guard let content = try? AtomicFile.read(usual) else { return usual }
        let isReplaceable = ([certificate] + TrustedCertificate.retired(besides: certificate))
            .contains { Self.trimmed(content) == Self.trimmed($0.pem) }
        return isReplaceable
            ? usual : family.directory.appending(Self.fileName(for: certificate))
    }

    private func candidates(for certificate: TrustedCertificate) -> [FilePath] {
        candidates(for: certificate, in: family.directory)
    }

    private func candidates(
        for certificate: TrustedCertificate,
        in directory: FilePath,
    ) -> [FilePath] {
        [Self.fileName, Self.fileName(for: certificate)].map { directory.appending($0) }
    }

    private static func fileName(for certificate: TrustedCertificate) -> String {
        "portless-ca-\(certificate.fingerprint.short).crt"
    }

    private func holds(_ path: FilePath, _ certificate: TrustedCertificate) -> Bool {
        guard let content = try? AtomicFile.read(path) else { return false }
        return Self.trimmed(content) == Self.trimmed(certificate.pem)
    }

    /// Nil if there is no bundle.
    private func isListed(_ certificate: TrustedCertificate) -> Bool? {
        guard let bundle = family.bundle, let content = try? AtomicFile.read(bundle) else {
            return nil
        }
        return CertificateBundle.contains(certificate.pem, in: content)
    }

    private static func trimmed(_ content: [UInt8]) -> [UInt8] {
        content.filter { $0 > 0x20 }
    }
}

/// Files with many PEM certificates.
enum CertificateBundle {
    /// Whether the certificate in `pem` is one of those in `bundle`, however lines are broken.
    static func contains(_ pem: [UInt8], in bundle: [UInt8]) -> Bool {
        guard let body = bodies(of: pem).first else { return false }
        return bodies(of: bundle).contains(body)
    }

    /// The Base64 between the markers, without blanks: bundles are large, hence no decoding.
    private static func bodies(of text: [UInt8]) -> [[UInt8]] {
        var bodies: [[UInt8]] = []
        var body: [UInt8]?
        for line in text.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            if line.starts(with: "-----BEGIN CERTIFICATE-----".utf8) {
                body = []
            } else if line.starts(with: "-----END".utf8) {
                if let body { bodies.append(body) }
                body = nil
            } else {
                body?.append(contentsOf: line.filter { $0 > 0x20 })
            }
        }
        return bodies
    }
}
