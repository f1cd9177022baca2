import HostSystem
import PortlessCore

extension ServerCertificateProvision {
    /// The pair that is there; nil where there is none that can be used.
    package var pair: LeafCertificate? { folder.pair() }

    /// Replaces a pair that was made by us and is near its end, or lacks a name; nil where what is
    /// there stays.
    ///
    /// It is made the way it was: what makes it, and whether there is one, is the user's choice.
    /// Nor is a CA made or replaced here, for somebody has to trust it.
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
        // Tailscale has taken its time, and the user may have put another one there meanwhile.
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
        // A proxy with other top-level names may have had it made for others, which stay.
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
