package import HostSystem
package import PortlessCore
import SwiftASN1

/// Gets the server a certificate: from Tailscale where that runs, else from our own CA.
package struct ServerCertificateProvision: Sendable {
    package enum Outcome: Hashable, Sendable {
        /// The pair that is there is good until then.
        case unchanged(names: [String], until: Timestamp)
        case tailscale(name: String, until: Timestamp)
        /// With the reason why it isn't Tailscale's, where Tailscale is installed.
        case own(names: [String], until: Timestamp, instead: String?)
        /// The user's own pair is there, and stays.
        case foreign
    }

    let directory: StateDirectory
    let folder: ServerCertificateFolder
    let runner: any CommandRunner
    let names: [Hostname]
    let now: Timestamp

    /// `names` are those of the server under the top-level names, such as `portless.localhost`.
    package init(
        directory: StateDirectory,
        runner: any CommandRunner,
        names: [Hostname],
        now: Timestamp = .now,
    ) {
        self.directory = directory
        folder = ServerCertificateFolder(directory: directory)
        self.runner = runner
        self.names = names
        self.now = now
    }

    /// Keeps a pair that is good for another month and a pair of the user's own, unless `force` is set.
    package func run(force: Bool) async throws -> Outcome {
        let tailscale = TailscaleCertificate(runner: runner)
        let answer = await tailscale.name()
        let mode = folder.mode
        if !force, try folder.isUsed(), mode == "custom" { return .foreign }
        switch answer {
        case .name(let name):
            if !force, mode == "tailscale", let kept = unchanged(for: [name]) { return kept }
            do {
                let fetched = try await tailscale.fetch(name, into: folder, at: now)
                try store(fetched, of: name)
                return .tailscale(name: name, until: fetched.pair.notAfter)
            } catch let failure as TailscaleCertificate.Failure {
                return try sign(instead: failure.description, force: force)
            }
        case .unavailable(let reason): return try sign(instead: reason, force: force)
        case .notInstalled: return try sign(instead: nil, force: force)
        }
    }

    private func unchanged(for wanted: [String]) -> Outcome? {
        guard let pair = folder.pair(), !pair.isDueForRenewal(names: wanted, at: now) else {
            return nil
        }
        return .unchanged(names: pair.hostNames, until: pair.notAfter)
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
        try store(leaf)
        return .own(names: wanted, until: leaf.notAfter, instead: reason)
    }

    /// A CA that was replaced since has another certificate.
    private func isSignedByOurs() -> Bool {
        guard let authority = try? AuthorityStore(directory: directory).existing() else {
            return false
        }
        return folder.pair()?.chain.last == authority.der
    }

    func store(_ fetched: FetchedCertificate, of name: String) throws {
        try folder.write(
            certificate: fetched.certificate,
            key: fetched.key,
            record: record(mode: "tailscale", name: name, until: fetched.pair.notAfter),
        )
    }

    func store(_ leaf: LeafCertificate) throws {
        let certificate = leaf.chain.map { PEMDocument(type: "CERTIFICATE", derBytes: $0) }
        let key = PEMDocument(type: "PRIVATE KEY", derBytes: leaf.privateKey)
        try folder.write(
            certificate: Array(certificate.map { $0.pemString + "\n" }.joined().utf8),
            key: Array((key.pemString + "\n").utf8),
            record: record(mode: "portless", name: "localhost", until: leaf.notAfter),
        )
    }

    private func record(mode: String, name: String, until end: Timestamp) -> JSONObject {
        [
            "mode": .string(mode), "hostname": .string(name), "issuedAt": .string(now.text),
            "expiresAt": .string(end.text),
        ]
    }
}
