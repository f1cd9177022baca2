import SystemPackage

/// The keychain of a macOS user, or the system's where root installs.
struct MacKeychain: TrustStore {
    let name = "macOS keychain"
    let home: FilePath
    /// The user who called sudo, whose view of trust counts.
    let user: String?
    let administrator: Administrator

    func status(of certificate: TrustedCertificate) async -> TrustStatus {
        guard runner.has("security") else { return .unavailable("security(1) is missing.") }
        // As the original checks it. With a host's name the policy for TLS servers would want more than a
        // CA has.
        let check = Command(
            "security",
            ["verify-cert", "-c", certificate.path.string, "-L", "-p", "ssl"],
        )
        do throws(CommandError) {
            let result = try await runner.run(user.map(check.asUser) ?? check)
            return result.isSuccess ? .trusted : .untrusted
        } catch {
            return .unavailable(error.description + ".")
        }
    }

    func install(_ certificate: TrustedCertificate) async throws(TrustError) {
        guard await status(of: certificate) != .trusted else { return }
        let addition = try await addition(of: certificate)
        // The system asks for a password or a finger, so a user has to be there.
        guard administrator.isRoot || administrator.mayAsk else {
            throw error("it asks for a password, and there is no terminal", [addition])
        }
        try await perform(addition)
        guard await status(of: certificate) == .trusted else {
            throw error("the certificate was added, but is still not trusted", [addition])
        }
    }

    func uninstall(_ certificate: TrustedCertificate) async throws(TrustError) {
        let keychain = try await keychain()
        let deletion = Command(
            "security",
            ["delete-certificate", "-Z", certificate.sha1, keychain],
            timeLimit: .seconds(60),
            mayPrompt: !administrator.isRoot,
        )
        guard await isIn(keychain, certificate) else { return }
        let removal = Command(
            "security",
            ["remove-trusted-cert"] + (administrator.isRoot ? ["-d"] : [])
                + [certificate.path.string],
            timeLimit: .seconds(120),
            mayPrompt: !administrator.isRoot,
        )
        guard administrator.isRoot || administrator.mayAsk else {
            throw error("it asks for a password, and there is no terminal", [removal, deletion])
        }
        // The settings first: the tool finds them by the certificate. If they outlived it, a chain in
        // which a server sends it would still be trusted.
        let removed = try? await runner.run(removal)
        // It also fails if the certificate has no settings; only the result counts.
        if removed?.isSuccess != true, await status(of: certificate) == .trusted {
            throw error("the certificate is still trusted", [removal, deletion])
        }
        try await perform(deletion)
        guard await !isIn(keychain, certificate) else {
            throw error("the certificate is still there", [removal, deletion])
        }
    }

    private var runner: any CommandRunner { administrator.runner }

    private func addition(of certificate: TrustedCertificate) async throws(TrustError) -> Command {
        Command(
            "security",
            ["add-trusted-cert"] + (administrator.isRoot ? ["-d"] : [])
                + ["-r", "trustRoot", "-k", try await keychain(), certificate.path.string],
            timeLimit: .seconds(120),
            mayPrompt: !administrator.isRoot,
        )
    }

    private func keychain() async throws(TrustError) -> String {
        if administrator.isRoot { return "/Library/Keychains/System.keychain" }
        let question = Command("security", ["default-keychain", "-d", "user"])
        let answer = try? await runner.run(question)
        // Printed in quotes and indented.
        let path = answer?.output.filter { !$0.isNewline }
            .split(separator: "\"").first { $0.contains("/") }
        if let path, answer?.isSuccess == true { return String(path) }
        return home.appending("Library/Keychains/login.keychain-db").string
    }

    private func isIn(_ keychain: String, _ certificate: TrustedCertificate) async -> Bool {
        let search = Command(
            "security",
            ["find-certificate", "-a", "-Z", "-c", CertificateAuthority.commonName, keychain],
        )
        guard let result = try? await runner.run(search) else { return false }
        return result.output.contains(certificate.sha1)
    }

    private func perform(_ command: Command) async throws(TrustError) {
        do {
            try await runner.perform(command)
        } catch {
            throw self.error(error.description, [command])
        }
    }

    private func error(_ reason: String, _ commands: [Command]) -> TrustError {
        TrustError(
            store: name,
            reason: reason,
            byHand: commands.map { administrator.byHand($0, needsRoot: administrator.isRoot) },
        )
    }
}
