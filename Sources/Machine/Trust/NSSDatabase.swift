import HostSystem
import SwiftASN1
import SystemPackage

/// The certificate database of one Firefox profile, or the one that Chromium browsers share.
struct NSSDatabase: TrustStore {
    let name: String
    let directory: FilePath
    /// The user whose database it is, where root acts for one.
    let user: String?
    let runner: any CommandRunner
    /// How to get certutil here.
    let hint: String

    func status(of certificate: TrustedCertificate) async -> TrustStatus {
        guard runner.has("certutil") else {
            return .unavailable("certutil is not installed. \(hint)")
        }
        guard exists else { return .untrusted }
        guard await holds(certificate) else { return .untrusted }
        // `-u L`: is it an authority that may sign for TLS servers?
        let check = certutil(["-V", "-u", "L", "-n", nickname(certificate)])
        return (try? await runner.run(check))?.isSuccess == true ? .trusted : .untrusted
    }

    func install(_ certificate: TrustedCertificate) async throws(TrustError) {
        guard await status(of: certificate) != .trusted else { return }
        let creation = Command("mkdir", ["-p", directory.string])
        let steps =
            (exists
                ? []
                : [user.map(creation.asUser) ?? creation, certutil(["-N", "--empty-password"])])
            + [
                certutil([
                    "-A", "-t", "C,,", "-n", nickname(certificate), "-i", certificate.path.string,
                ])
            ]
        try await perform(steps)
        guard await status(of: certificate) == .trusted else {
            throw error("the certificate was added, but is still not trusted", steps)
        }
    }

    func uninstall(_ certificate: TrustedCertificate) async throws(TrustError) {
        guard exists else { return }
        guard runner.has("certutil") else {
            throw error("certutil is not installed. \(hint)", [removal(certificate)])
        }
        guard await holds(certificate) else { return }
        try await perform([removal(certificate)])
        guard await !holds(certificate) else {
            throw error("the certificate is still there", [removal(certificate)])
        }
    }

    private var exists: Bool {
        (try? FileStatus.of(directory.appending("cert9.db"))) != nil
    }

    /// CAs of several state directories share their subject; each needs a nickname of its own.
    private func nickname(_ certificate: TrustedCertificate) -> String {
        "\(CertificateAuthority.commonName) \(certificate.fingerprint.short.prefix(8))"
    }

    /// NSS looks certificates up by nickname and then by subject, and so may list others as well.
    private func holds(_ certificate: TrustedCertificate) async -> Bool {
        let listing = certutil(["-L", "-a", "-n", nickname(certificate)])
        guard let result = try? await runner.run(listing), result.isSuccess,
            let file = try? PEMFile(Array(result.output.utf8))
        else { return false }
        return file.certificates.contains { $0.derBytes == certificate.der }
    }

    private func removal(_ certificate: TrustedCertificate) -> Command {
        certutil(["-D", "-n", nickname(certificate)])
    }

    private func certutil(_ arguments: [String]) -> Command {
        let command = Command("certutil", ["-d", "sql:\(directory)"] + arguments)
        return user.map(command.asUser) ?? command
    }

    private func perform(_ steps: [Command]) async throws(TrustError) {
        for step in steps {
            do {
                try await runner.perform(step)
            } catch {
                throw self.error(error.description, steps)
            }
        }
    }

    private func error(_ reason: String, _ steps: [Command]) -> TrustError {
        TrustError(store: name, reason: reason, byHand: steps)
    }
}

/// Where browsers keep their NSS databases.
enum NSSDatabases {
    struct Location: Hashable {
        let name: String
        let directory: FilePath
    }

    /// Folders with one Firefox profile in each subfolder, relative to the home.
    private static let firefox: [FilePath] = [
        ".mozilla/firefox",
        // Firefox 147 and later follow the XDG base directories.
        ".config/mozilla/firefox",
        "snap/firefox/common/.mozilla/firefox",
        ".var/app/org.mozilla.firefox/.mozilla/firefox",
        ".var/app/org.mozilla.firefox/config/mozilla/firefox",
        "Library/Application Support/Firefox/Profiles",
    ]

    /// Databases of Chromium browsers; those outside a sandbox share the first.
    private static let chromium: [FilePath] = [
        ".pki/nssdb",
        ".local/share/pki/nssdb",
        "snap/chromium/current/.pki/nssdb",
        "snap/brave/current/.pki/nssdb",
        ".var/app/org.chromium.Chromium/.pki/nssdb",
        ".var/app/com.google.Chrome/.pki/nssdb",
        ".var/app/com.brave.Browser/.pki/nssdb",
        ".var/app/com.microsoft.Edge/.pki/nssdb",
    ]

    private static let chromiumPrograms = [
        "chromium", "chromium-browser", "google-chrome", "google-chrome-stable",
        "microsoft-edge", "brave-browser", "vivaldi",
    ]

    /// The databases under `home`, and the one that Chromium makes at its first start.
    static func find(home: FilePath, has program: (String) -> Bool) -> [Location] {
        let profiles = firefox.flatMap { folder in
            home.appending(folder.components).subdirectories
                .filter(isDatabase)
                .map { directory in
                    let name = directory.lastComponent?.string ?? directory.string
                    return Location(name: "Firefox profile \(name)", directory: directory)
                }
        }
        var shared = chromium.map { home.appending($0.components) }.filter(isDatabase)
        let usual = home.appending(".pki").appending("nssdb")
        if shared.isEmpty, chromiumPrograms.contains(where: program) { shared = [usual] }
        return profiles
            + shared.map { Location(name: "Chromium database \($0)", directory: $0) }
    }

    private static func isDatabase(_ directory: FilePath) -> Bool {
        (try? FileStatus.of(directory.appending("cert9.db"))) != nil
    }
}
