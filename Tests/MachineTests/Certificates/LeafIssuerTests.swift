import HostSystem
import PortlessCore
import SwiftASN1
import Testing
import X509

@testable import Machine

@Suite struct LeafIssuerTests {
    private let issuer: LeafIssuer

    init() throws {
        let minted = try CertificateAuthority.mint(for: .domains(NameScope.usual), at: someTime)
        issuer = LeafIssuer(authority: minted.authority)
    }

    private func certificate(_ leaf: LeafCertificate) throws -> Certificate {
        try Certificate(derEncoded: leaf.chain[0])
    }

    private func names(_ certificate: Certificate) throws -> [String] {
        try #require(try certificate.extensions.subjectAlternativeNames).map { "\($0)" }
    }

    @Test func `a leaf names its host and one level below`() throws {
        let leaf = try issuer.leaf(for: try name("app.localhost"), at: someTime)
        let certificate = try certificate(leaf)
        #expect(
            try names(certificate) == [
                "DNSName(\"app.localhost\")", "DNSName(\"*.app.localhost\")",
            ]
        )
        #expect("\(certificate.subject)".contains("CN=app.localhost"))
    }

    @Test func `a leaf is valid yesterday and for less than 398 days`() throws {
        let leaf = try issuer.leaf(for: try name("app.localhost"), at: someTime)
        #expect(leaf.isValid(at: someTime.advanced(byDays: -1)))
        #expect(leaf.notAfter == leaf.notBefore.advanced(byDays: 397))
    }

    @Test func `a leaf doesn't outlive its CA`() throws {
        let late = issuer.authority.notAfter.advanced(byDays: -30)
        let leaf = try issuer.leaf(for: try name("app.localhost"), at: late)
        #expect(leaf.notAfter == issuer.authority.notAfter)
    }

    @Test func `a leaf points to its CA and is for servers only`() throws {
        let extensions = try certificate(
            try issuer.leaf(for: try name("app.localhost"), at: someTime)
        ).extensions
        let authority = issuer.authority.certificate.extensions
        let own = try authority.subjectKeyIdentifier?.keyIdentifier
        #expect(try extensions.authorityKeyIdentifier?.keyIdentifier == own)
        #expect(try extensions.extendedKeyUsage == ExtendedKeyUsage([.serverAuth]))
        #expect(try extensions.basicConstraints == .notCertificateAuthority)
    }

    @Test func `two leaves differ in serial number and key`() throws {
        let host = try name("app.localhost")
        let first = try issuer.leaf(for: host, at: someTime)
        let second = try issuer.leaf(for: host, at: someTime)
        #expect(first.privateKey != second.privateKey)
        #expect(
            try certificate(first).serialNumber != certificate(second).serialNumber
        )
    }

    @Test func `a name longer than a common name can be still gets its certificate`() throws {
        let label = String(repeating: "a", count: 63)
        let long = try name("\(label).\(label).\(label).test")
        let certificate = try certificate(try issuer.leaf(for: long, at: someTime))
        #expect(try names(certificate).first == "DNSName(\"\(long)\")")
        #expect(!"\(certificate.subject)".contains("CN="))
    }

    @Test func `a name of 253 characters has no room for a wildcard`() throws {
        let label = String(repeating: "a", count: 63)
        let end = String(repeating: "b", count: 56)
        let longest = try name("\(label).\(label).\(label).\(end).test")
        #expect(longest.description.utf8.count == 253)
        let certificate = try certificate(try issuer.leaf(for: longest, at: someTime))
        #expect(try names(certificate).count == 1)
    }

    @Test func `the certificate of localhost is good for both loopback addresses`() throws {
        let leaf = try issuer.localhostLeaf(
            topLevelDomains: [try name("localhost"), try name("test"), try name("example.com")],
            at: someTime,
        )
        let extensions = try certificate(leaf).extensions
        let names = try #require(try extensions.subjectAlternativeNames)
        let addresses = names.compactMap { name in
            if case .ipAddress(let address) = name { Array(address.bytes) } else { nil }
        }
        #expect(addresses == [[127, 0, 0, 1], Array(repeating: 0, count: 15) + [1]])
        let hosts = names.compactMap { name in
            if case .dnsName(let host) = name { host } else { nil }
        }
        // A name outside the CA's constraints would make clients refuse the whole certificate.
        #expect(hosts == ["localhost", "*.localhost", "*.test"])
    }
}
