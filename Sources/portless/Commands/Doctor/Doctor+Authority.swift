import HostSystem
import Machine
import PortlessCore

extension Doctor {
    /// The proxy replaces a CA in its last days.
    private static let renewedBeforeDays = 7

    func authority() -> [Diagnosis] {
        guard !proxy.usesCustomCertificate else {
            return [.info("The proxy serves a certificate of your own.")]
        }
        do {
            guard let authority = try AuthorityStore(directory: directory).existing() else {
                return [.info("There is no certificate authority yet; the first start makes one.")]
            }
            return validity(authority) + (try trust())
        } catch {
            return [
                .fail(
                    "The certificate authority can't be used: \(error)",
                    hint: "portless proxy restart makes a new one; then: portless trust",
                )
            ]
        }
    }

    private func validity(_ authority: CertificateAuthority) -> [Diagnosis] {
        var diagnoses: [Diagnosis] = []
        if authority.notBefore > .now {
            // Not replaced: a clock that is wrong for a moment must not end the machine's trust.
            diagnoses.append(
                .fail(
                    "The certificate authority is valid from \(authority.notBefore.day) only.",
                    hint: "Is the clock right? If so: portless clean && portless trust",
                )
            )
        }
        if authority.notAfter < .now {
            diagnoses.append(
                .fail("The certificate authority has expired.", hint: "portless proxy restart")
            )
        } else if authority.notAfter < .now.advanced(byDays: Self.renewedBeforeDays) {
            diagnoses.append(
                .warn(
                    "The certificate authority expires within \(Self.renewedBeforeDays) days.",
                    hint: "portless proxy restart",
                )
            )
        }
        let foreign = proxy.tlds.filter { !authority.scope.covers($0.hostname) }
        if let tld = foreign.first {
            diagnoses.append(
                .warn(
                    "The certificate authority may not sign for names under .\(tld).",
                    hint: "portless proxy restart",
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

    private func trust() throws -> [Diagnosis] {
        let trust = try Trust(of: directory, context)
        return try waiting(for: { try await trust.status() }).map { report in
            switch report.status {
            case .trusted: .ok("The authority is trusted by: \(report.store).")
            case .untrusted:
                .warn("The authority is not trusted by: \(report.store).", hint: "portless trust")
            case .unavailable(let reason): .info("\(report.store) was not asked: \(reason)")
            }
        }
    }
}
