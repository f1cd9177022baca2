package import PortlessCore
import SwiftASN1
import X509

/// The names that a CA may sign for: everything, or what its name constraints permit.
package enum NameScope: Hashable, Sendable {
    case everything
    /// These domains with all that is under them, and loopback addresses.
    case domains(Set<Hostname>)

    /// Always permitted, so that a change of TLD seldom needs a new CA.
    package static let usual: Set<Hostname> = Set(
        ["localhost", "local", "test"].compactMap { Hostname($0) }
    )

    package func covers(_ name: Hostname) -> Bool {
        switch self {
        case .everything: true
        case .domains(let domains):
            domains.contains { $0 == name || name.isSubdomain(of: $0) }
        }
    }
}

extension NameScope {
    /// What a CA certificate's own extension says.
    init(of certificate: Certificate) throws {
        guard let constraints = try certificate.extensions.nameConstraints else {
            self = .everything
            return
        }
        let permitted = constraints.permittedDNSDomains.compactMap { domain in
            Hostname(domain.first == "." ? domain.dropFirst() : domain[...])
        }
        self = .domains(Set(permitted))
    }

    /// Nil for a CA that may sign for everything.
    var constraints: NameConstraints? {
        guard case .domains(let domains) = self else { return nil }
        // RFC 5280 section 4.2.1.10: without a leading dot a domain stands for itself and all
        // under it. With one, OpenSSL, Go, NSS and Java disagree.
        let names = domains.sorted().map { GeneralName.dnsName($0.description) }
        // A kind of name without a permitted subtree is unconstrained, so addresses need one, too.
        return NameConstraints(
            permittedSubtrees: names + Self.loopback.map(GeneralName.ipAddress),
            excludedSubtrees: [],
        )
    }

    /// Address and mask of 127.0.0.0/8 and ::1/128.
    private static var loopback: [ASN1OctetString] {
        let one: [UInt8] = Array(repeating: 0, count: 15) + [1]
        return [
            ASN1OctetString(contentBytes: [127, 0, 0, 0, 255, 0, 0, 0]),
            ASN1OctetString(contentBytes: (one + Array(repeating: 0xFF, count: 16))[...]),
        ]
    }
}
