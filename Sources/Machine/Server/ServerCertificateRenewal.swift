package import HostSystem
import PortlessCore

extension ServerCertificateProvision {
    /// The pair that is there; nil where there is none that can be used.
    package var pair: LeafCertificate? { folder.pair() }

    /// Replaces a pair of ours that is near its end or lacks a name; nil if it stays.
    ///
    /// The new pair comes from where the old one came from, which is the user's choice. No CA is made or
    /// replaced here, because the user would have to trust it.
    package func renew() async throws -> LeafCertificate? {
        guard let file = try FileStatus.of(folder.certificate) else { return nil }
        switch folder.mode {
        case "tailscale": return try await fetchAgain(replacing: file)
        case "portless": return try signAgain()
        default: return nil
        }
    }

    private func fetchAgain(replacing file: FileStatus) async throws -> LeafCertificate? {
        let tailscale = TailscaleCertificate(runner: runner)
        let old = folder.pair()
        let answer = await tailscale.name()
        let name = if case .name(let name) = answer { name } else { String?.none }
        if let old, !old.isDueForRenewal(names: [name].compactMap(\.self), at: now) { return nil }
        guard let name else { throw RenewalFailure.tailscale(answer.complaint) }
        let fetched: FetchedCertificate
        do {
            fetched = try await tailscale.fetch(name, into: folder, at: now)
        } catch let failure as TailscaleCertificate.Failure {
            throw RenewalFailure.tailscale(failure.description)
        }
        // Older editions of Tailscale give out the one they have until two weeks before its end.
        guard fetched.pair != old else { return nil }
        // Tailscale takes a while, and the user may have replaced the pair meanwhile.
        guard try FileStatus.of(folder.certificate) == file, !Task.isCancelled else { return nil }
        try store(fetched, of: name)
        return fetched.pair
    }

    private func signAgain() throws -> LeafCertificate? {
        let old = folder.pair()
        let authority = try AuthorityStore(directory: directory).existing()
        let wanted =
            ["localhost"]
            + names.filter { authority?.scope.covers($0) ?? false }
            .map(\.description)
        let isSignedByOurs = old?.chain.last == authority?.der
        let isDue = old?.isDueForRenewal(names: wanted, at: now) ?? true
        if !isDue, isSignedByOurs || authority == nil { return nil }
        guard let authority else { throw RenewalFailure.noAuthority }
        // Names that a proxy with other top-level names asked for stay.
        let others = old?.hostNames.compactMap { Hostname($0) } ?? []
        let all = names + others.filter { $0.description != "localhost" && !names.contains($0) }
        let new = try LeafIssuer(authority: authority).serverLeaf(for: all, at: now)
        let gains =
            old.map { !isSignedByOurs || $0.notAfter < new.notAfter || $0.lacks(wanted) } ?? true
        guard gains, new.isValid(at: now) else {
            throw RenewalFailure.authorityEnds(authority.notAfter)
        }
        try store(new)
        return new
    }
}

extension LeafCertificate {
    fileprivate func lacks(_ names: [String]) -> Bool { !Set(names).isSubset(of: hostNames) }
}

/// Why a certificate can't be renewed.
package enum RenewalFailure: Error, Hashable, CustomStringConvertible {
    /// With the reason as a sentence.
    case tailscale(String)
    case noAuthority
    case authorityEnds(Timestamp)

    package var description: String {
        switch self {
        case .tailscale(let reason): reason
        case .noAuthority:
            "The CA that signed it is gone. `portless server cert` makes another one."
        case .authorityEnds(let end):
            """
            The CA that signs it ends on \(end.day), too. In its last week \
            `portless proxy restart` makes another one.
            """
        }
    }
}

/// When the server checks whether its certificate has to be renewed: at its start, then once a day, and
/// sooner after a failure, in wall time, which goes on while the computer sleeps.
package struct RenewalSchedule: Sendable {
    private static let hour: Int64 = 3600
    private static let day = 24 * hour

    private var next: Timestamp?
    private var failures = 0

    package init() {}

    package func isDue(at now: Timestamp) -> Bool {
        guard let next else { return true }
        let pause = next.seconds - now.seconds
        // A clock that was set back must not put it off for ever.
        return pause <= 0 || pause > Self.day
    }

    /// After one failure comes an hour, then two, and in the end a day again.
    package mutating func looked(hasFailed: Bool, at now: Timestamp) {
        failures = hasFailed ? failures + 1 : 0
        let pause = hasFailed ? Self.hour << min(failures - 1, 5) : Self.day
        next = Timestamp(seconds: now.seconds + min(pause, Self.day))
    }
}
