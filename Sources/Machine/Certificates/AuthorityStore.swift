package import HostSystem
package import PortlessCore
package import SystemPackage

/// Finds the CA of a state directory, or makes one.
package struct AuthorityStore: Sendable {
    private static let renewedBeforeDays = 7

    package let directory: StateDirectory

    package init(directory: StateDirectory) {
        self.directory = directory
    }

    /// The CA as it is, without making or changing anything; nil where there is none.
    ///
    /// What is returned has to stay as small as a reference: see ``CertificateAuthority``.
    package func existing() throws -> CertificateAuthority? {
        guard let certificate = try AtomicFile.readIfPresent(directory[.caCertificate]),
            let key = try AtomicFile.readIfPresent(directory[.caKey])
        else { return nil }
        return try parse(certificate, key)
    }

    /// The CA, created if there is none, and replaced if it can't serve `topLevelDomains`.
    ///
    /// A file that can't be read is an error, because the machine may trust the CA in it.
    /// `requiresConstraints` also replaces a CA that may sign for every name, as the original made it.
    package func prepare(
        topLevelDomains: [Hostname],
        requiresConstraints: Bool = false,
        at now: Timestamp = .now,
    ) throws -> AuthorityPreparation {
        try FileLock.withLock(at: directory[.caLock], owner: directory.owner) {
            guard let certificate = try AtomicFile.readIfPresent(directory[.caCertificate]) else {
                let authority = try mint(for: NameScope.usual.union(topLevelDomains), at: now)
                return AuthorityPreparation(authority: authority, outcome: .created)
            }
            let key = try AtomicFile.readIfPresent(directory[.caKey])
            var judgement = try judge(
                certificate,
                key: key,
                topLevelDomains: topLevelDomains,
                at: now,
            )
            if requiresConstraints, case .usable(let authority) = judgement,
                authority.scope == .everything
            {
                judgement = .unusable(.unconstrained, [])
            }
            switch judgement {
            case .usable(let authority):
                try protectKey()
                return AuthorityPreparation(authority: authority, outcome: .existing)
            case .unusable(let reason, let domains):
                let retired = try retire(certificate, key: key, because: reason)
                let wanted = NameScope.usual.union(topLevelDomains).union(domains)
                let authority = try mint(for: wanted, at: now)
                return AuthorityPreparation(
                    authority: authority,
                    outcome: .replaced(reason, retired: retired),
                )
            }
        }
    }

    private enum Judgement {
        case usable(CertificateAuthority)
        /// With the domains of the old CA, which the new one keeps: two projects with different TLDs
        /// must not replace each other's CA for ever.
        case unusable(ReplacementReason, Set<Hostname>)
    }

    private func judge(
        _ certificate: [UInt8],
        key: [UInt8]?,
        topLevelDomains: [Hostname],
        at now: Timestamp,
    ) throws -> Judgement {
        guard let key else { return .unusable(.keyMissing(directory[.caKey]), []) }
        if SignatureDigest.isSHA1(certificate) { return .unusable(.signedWithSHA1, []) }
        let authority: CertificateAuthority
        do throws(CertificateError) {
            authority = try parse(certificate, key)
        } catch {
            return .unusable(.unusable(error), [])
        }
        var domains: Set<Hostname> = []
        if case .domains(let permitted) = authority.scope { domains = permitted }
        if authority.notAfter < now.advanced(byDays: Self.renewedBeforeDays) {
            return .unusable(.expires(at: authority.notAfter), domains)
        }
        if let outside = topLevelDomains.first(where: { !authority.scope.covers($0) }) {
            return .unusable(.outsideItsConstraints(outside), domains)
        }
        return .usable(authority)
    }

    private func mint(for domains: Set<Hostname>, at now: Timestamp) throws -> CertificateAuthority
    {
        let minted = try CertificateAuthority.mint(for: .domains(domains), at: now)
        // A crash before the certificate is written leaves a pair that doesn't match, which the
        // next start replaces; no store trusts it yet.
        try AtomicFile.write(
            minted.keyPEM.utf8,
            to: directory[.caKey],
            mode: .ownerReadWrite,
            owner: directory.owner,
        )
        try AtomicFile.write(
            minted.certificatePEM.utf8,
            to: directory[.caCertificate],
            owner: directory.owner,
        )
        try FileSystem.removeFile(directory[.caTrusted])
        return minted.authority
    }

    /// Keeps the old certificate, which trust stores may still hold, and its key only if the user might
    /// want to repair the pair: the key of a trusted CA is best destroyed.
    private func retire(
        _ certificate: [UInt8],
        key: [UInt8]?,
        because reason: ReplacementReason,
    ) throws -> FilePath {
        let fingerprint = Fingerprint(of: certificate)
        let path = directory.retiredCertificate(fingerprint)
        try AtomicFile.write(certificate, to: path, owner: directory.owner)
        if case .unusable = reason, let key {
            try AtomicFile.write(
                key,
                to: directory.retiredKey(fingerprint),
                mode: .ownerReadWrite,
                owner: directory.owner,
            )
        }
        return path
    }

    private func parse(
        _ certificate: [UInt8],
        _ key: [UInt8],
    ) throws(CertificateError) -> CertificateAuthority {
        try CertificateAuthority(
            certificate: certificate,
            from: directory[.caCertificate],
            key: key,
            from: directory[.caKey],
        )
    }

    private func protectKey() throws {
        guard let status = try FileStatus.of(directory[.caKey]) else { return }
        if status.permissions != .ownerReadWrite {
            try FileSystem.setPermissions(.ownerReadWrite, of: directory[.caKey])
        }
    }
}

/// A CA that is ready for use, and how it came about.
package struct AuthorityPreparation: Sendable {
    package enum Outcome: Hashable, Sendable {
        case existing
        case created
        /// The machine has to trust the new one. `retired` is the old certificate.
        case replaced(ReplacementReason, retired: FilePath)
    }

    package let authority: CertificateAuthority
    package let outcome: Outcome
}

/// Why a CA was replaced.
package enum ReplacementReason: Hashable, Sendable, CustomStringConvertible {
    case unusable(CertificateError)
    case keyMissing(FilePath)
    case expires(at: Timestamp)
    case signedWithSHA1
    case outsideItsConstraints(Hostname)
    case unconstrained

    package var description: String {
        switch self {
        case .unusable(let error): error.description
        case .keyMissing(let path): "The CA's key \(path) is gone."
        case .expires: "The CA expires within a week."
        case .signedWithSHA1: "The CA is signed with SHA-1, which browsers refuse."
        case .unconstrained: "The CA could sign for every name, and now only for yours."
        case .outsideItsConstraints(let name):
            "The CA was made for other names than .\(name) and may not sign for them."
        }
    }
}

extension StateDirectory {
    /// Where the certificate of a replaced CA stays until no trust store has it any more.
    func retiredCertificate(_ fingerprint: Fingerprint) -> FilePath {
        path.appending("ca-\(fingerprint.short).retired.pem")
    }

    func retiredKey(_ fingerprint: Fingerprint) -> FilePath {
        path.appending("ca-key-\(fingerprint.short).retired.pem")
    }
}
