import HostSystem
package import PortlessCore
import SwiftASN1
import SystemPackage

/// Gets the server a certificate: from Tailscale where that runs, else from our own CA.
package struct ServerCertificateProvision: Sendable {
    package enum Outcome: Hashable, Sendable {
        /// What is there is good for a while; until when.
        case unchanged(names: [String], until: WallTime)
        case tailscale(name: String, until: WallTime)
        /// With the reason why it isn't Tailscale's, where Tailscale is installed.
        case own(names: [String], until: WallTime, instead: String?)
        /// Somebody else's pair is there, and stays.
        case foreign
    }

    private static let renewedBeforeDays = 30

    private let directory: StateDirectory
    private let folder: ServerCertificateFolder
    private let runner: any CommandRunner
    private let names: [Hostname]
    private let now: WallTime

    /// `names` are those of the server under the top-level names, such as `portless.localhost`.
    package init(
        directory: StateDirectory,
        runner: any CommandRunner,
        names: [Hostname],
        now: WallTime = .now,
    ) {
        self.directory = directory
        folder = ServerCertificateFolder(directory: directory)
        self.runner = runner
        self.names = names
        self.now = now
    }

    /// Leaves alone what is good for another month and what somebody else has put there, unless
    /// it is forced.
    package func run(force: Bool) async throws -> Outcome {
        let tailscale = TailscaleCertificate(runner: runner)
        let answer = await tailscale.name()
        let mode = folder.mode
        if !force, try folder.isUsed(), mode == "custom" { return .foreign }
        switch answer {
        case .name(let name):
            if !force, mode == "tailscale", let kept = unchanged(for: [name]) { return kept }
            do {
                return try await fetch(name, from: tailscale)
            } catch let failure as TailscaleCertificate.Failure {
                return try sign(instead: failure.description, force: force)
            }
        case .unavailable(let reason): return try sign(instead: reason, force: force)
        case .notInstalled: return try sign(instead: nil, force: force)
        }
    }

    private func unchanged(for wanted: [String]) -> Outcome? {
        guard let pair = folder.pair(), Set(wanted).isSubset(of: pair.hostNames),
            pair.isValid(at: now),
            pair.isValid(at: now.advanced(byDays: Self.renewedBeforeDays))
        else { return nil }
        return .unchanged(names: pair.hostNames, until: pair.notAfter)
    }

    private func fetch(
        _ name: String,
        from tailscale: TailscaleCertificate,
    ) async throws -> Outcome {
        try folder.create()
        let files = (folder.path.appending("new-cert.pem"), folder.path.appending("new-key.pem"))
        defer {
            try? FileSystem.removeFile(files.0)
            try? FileSystem.removeFile(files.1)
        }
        try await tailscale.write(name, certificate: files.0, key: files.1)
        // Nothing replaces a pair that works but one that does.
        let pair = try CustomCertificate.load(certificate: files.0, key: files.1)
        try folder.write(
            certificate: try AtomicFile.read(files.0),
            key: try AtomicFile.read(files.1),
            record: [
                "mode": .string("tailscale"), "hostname": .string(name),
                "issuedAt": time(now), "expiresAt": time(pair.notAfter),
            ],
        )
        return .tailscale(name: name, until: pair.notAfter)
    }

    private func sign(instead reason: String?, force: Bool) throws -> Outcome {
        let wanted = ["localhost"] + names.map(\.description)
        // One of Tailscale's that is still good is worth more than ours.
        if !force, folder.mode == "tailscale", let pair = folder.pair(), pair.isValid(at: now) {
            return .unchanged(names: pair.hostNames, until: pair.notAfter)
        }
        if !force, folder.mode == "portless", isSignedByOurs(), let kept = unchanged(for: wanted) {
            return kept
        }
        let domains = names.compactMap(\.parent)
        let authority = try AuthorityStore(directory: directory)
            .prepare(topLevelDomains: domains, at: now).authority
        let leaf = try LeafIssuer(authority: authority).serverLeaf(for: names, at: now)
        let certificate = leaf.chain.map { PEMDocument(type: "CERTIFICATE", derBytes: $0) }
        let key = PEMDocument(type: "PRIVATE KEY", derBytes: leaf.privateKey)
        try folder.write(
            certificate: Array(certificate.map { $0.pemString + "\n" }.joined().utf8),
            key: Array((key.pemString + "\n").utf8),
            record: [
                "mode": .string("portless"), "hostname": .string("localhost"),
                "issuedAt": time(now), "expiresAt": time(leaf.notAfter),
            ],
        )
        return .own(names: wanted, until: leaf.notAfter, instead: reason)
    }

    /// A CA that was made anew since has another certificate.
    private func isSignedByOurs() -> Bool {
        guard let authority = try? AuthorityStore(directory: directory).existing() else {
            return false
        }
        return folder.pair()?.chain.last == authority.der
    }

    private func time(_ time: WallTime) -> JSONValue {
        .string(Timestamp.text(time.secondsSince1970 * 1_000_000_000))
    }
}
