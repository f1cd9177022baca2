import HostSystem
import Machine
import PortlessCore

extension Doctor {
    /// The proxy replaces a CA in its last days.
    private static let renewedBeforeDays = 7

    func authority() -> (DoctorReport.Authority?, [Diagnosis]) {
        guard !proxy.usesCustomCertificate else {
            return (nil, [.info("The proxy serves a certificate of your own.")])
        }
        do {
            guard let authority = try AuthorityStore(directory: directory).existing() else {
                let text = "There is no certificate authority yet; the first start makes one."
                return (nil, [.info(text)])
            }
            let (stores, ofTrust) = try trust()
            return (
                DoctorReport.Authority(expiresAt: authority.notAfter, stores: stores),
                validity(authority) + ofTrust,
            )
        } catch {
            let diagnoses: [Diagnosis] = [
                .fail(
                    "The certificate authority can't be used: \(error)",
                    hint: "Make a new one, then trust it",
                    fix: "portless proxy restart && portless trust",
                )
            ]
            return (nil, diagnoses)
        }
    }

    private func validity(_ authority: CertificateAuthority) -> [Diagnosis] {
        var diagnoses: [Diagnosis] = []
        if authority.notBefore > .now {
            // Not replaced: a clock that is wrong for a moment must not end the machine's trust.
            diagnoses.append(
                .fail(
                    "The certificate authority is valid from \(authority.notBefore.day) only.",
                    hint: "If the clock is right",
                    fix: "portless clean && portless trust",
                )
            )
        }
        if authority.notAfter < .now {
            diagnoses.append(
                .fail("The certificate authority has expired.", fix: "portless proxy restart")
            )
        } else if authority.notAfter < .now.advanced(byDays: Self.renewedBeforeDays) {
            diagnoses.append(
                .warn(
                    "The certificate authority expires within \(Self.renewedBeforeDays) days.",
                    fix: "portless proxy restart",
                )
            )
        }
        let foreign = proxy.tlds.filter { !authority.scope.covers($0.hostname) }
        if let tld = foreign.first {
            diagnoses.append(
                .warn(
                    "The certificate authority may not sign for names under .\(tld).",
                    fix: "portless proxy restart",
                )
            )
        }
        if authority.scope == .everything {
            diagnoses.append(
                .warn(
                    "The certificate authority may sign for every name, as the original made it.",
                    hint: """
                        For a constrained one: portless untrust, remove ca.pem and ca-key.pem, \
                        portless trust
                        """,
                )
            )
        }
        return diagnoses
    }

    private func trust() throws -> ([DoctorReport.Authority.Store], [Diagnosis]) {
        let trust = try Trust(of: directory, context)
        var stores: [DoctorReport.Authority.Store] = []
        let diagnoses = try waiting(for: { try await trust.status() }).map { report -> Diagnosis in
            let store = report.store
            switch report.status {
            case .trusted:
                stores.append(.init(name: store, trusts: true))
                return .ok("The authority is trusted by: \(store).")
            case .untrusted:
                stores.append(.init(name: store, trusts: false))
                return .warn("The authority is not trusted by: \(store).", fix: "portless trust")
            case .unavailable(let reason):
                stores.append(.init(name: store, trusts: nil))
                return .info("\(store) was not asked: \(reason)")
            }
        }
        return (stores, diagnoses)
    }
}
