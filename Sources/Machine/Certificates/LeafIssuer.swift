import Crypto
package import HostSystem
package import PortlessCore
import SwiftASN1
import X509

/// Signs server certificates with the local CA, in memory only.
package struct LeafIssuer: Sendable {
    /// For clients and containers whose clock is slow.
    static let backdatedDays = 1
    /// Browsers refuse more than 398 days.
    private static let lifetimeInDays = 397

    package let authority: CertificateAuthority

    package init(authority: CertificateAuthority) {
        self.authority = authority
    }

    /// A certificate for `name` and for the names one label below it.
    ///
    /// Not for its siblings: browsers refuse `*.localhost`, and a sibling gets its own.
    package func leaf(for name: Hostname, at now: Timestamp) throws -> LeafCertificate {
        let names = [name.description, "*.\(name)"].filter { $0.utf8.count <= 253 }
        return try sign(names.map(GeneralName.dnsName), commonName: name.description, at: now)
    }

    /// The certificate for connections that name no host, or a host that is not served.
    ///
    /// It is good for `localhost`, loopback addresses, and the names directly under `topLevelDomains`:
    /// clients that accept such a wildcard show our page for a mistyped name, not a TLS error.
    package func localhostLeaf(
        topLevelDomains: [Hostname],
        at now: Timestamp,
    ) throws -> LeafCertificate {
        let wildcards = topLevelDomains.filter(authority.scope.covers).map { "*.\($0)" }
        let names = ["localhost"] + wildcards
        return try sign(
            names.map(GeneralName.dnsName) + Self.loopback,
            commonName: "localhost",
            at: now,
        )
    }

    /// The certificate of the server: its names, `localhost` and the loopback addresses.
    func serverLeaf(for names: [Hostname], at now: Timestamp) throws -> LeafCertificate {
        let texts = ["localhost"] + names.filter(authority.scope.covers).map(\.description)
        return try sign(
            texts.map(GeneralName.dnsName) + Self.loopback,
            commonName: "localhost",
            at: now,
        )
    }

    private static var loopback: [GeneralName] {
        let addresses: [[UInt8]] = [
            [127, 0, 0, 1], Array(repeating: 0, count: 15) + [1],
        ]
        return addresses.map { .ipAddress(ASN1OctetString(contentBytes: $0[...])) }
    }

    private func sign(
        _ names: [GeneralName],
        commonName: String,
        at now: Timestamp,
    ) throws -> LeafCertificate {
        let key = P256.Signing.PrivateKey()
        let publicKey = Certificate.PublicKey(key.publicKey)
        let start = max(now.advanced(byDays: -Self.backdatedDays), authority.notBefore)
        let end = min(start.advanced(byDays: Self.lifetimeInDays), authority.notAfter)
        let certificate = try Certificate(
            version: .v3,
            serialNumber: .portlessRandom(),
            publicKey: publicKey,
            notValidBefore: start.date,
            notValidAfter: end.date,
            issuer: authority.certificate.subject,
            subject: try subject(commonName),
            extensions: try extensions(publicKey, names),
            issuerPrivateKey: authority.key,
        )
        var serializer = DER.Serializer()
        try serializer.serialize(certificate)
        return LeafCertificate(
            chain: [serializer.serializedBytes, authority.der],
            privateKey: Array(key.derRepresentation),
            notBefore: start,
            notAfter: end,
        )
    }

    private func subject(_ commonName: String) throws -> DistinguishedName {
        // X.520 ends a common name at 64 characters. The organization keeps the subject from being
        // empty, which would need a critical SAN.
        guard commonName.utf8.count <= 64 else {
            return try DistinguishedName { OrganizationName("portless development") }
        }
        return try DistinguishedName {
            OrganizationName("portless development")
            CommonName(commonName)
        }
    }

    private func extensions(
        _ publicKey: Certificate.PublicKey,
        _ names: [GeneralName],
    ) throws -> Certificate.Extensions {
        let issuer = try authority.certificate.extensions.subjectKeyIdentifier
        return try Certificate.Extensions {
            Critical(BasicConstraints.notCertificateAuthority)
            Critical(KeyUsage(digitalSignature: true))
            try ExtendedKeyUsage([.serverAuth])
            SubjectAlternativeNames(names)
            SubjectKeyIdentifier(hash: publicKey)
            if let issuer { AuthorityKeyIdentifier(keyIdentifier: issuer.keyIdentifier) }
        }
    }
}
