import HostSystem
import PortlessCore
import SwiftASN1
import SystemPackage
import TestSupport
import Testing

@testable import Machine

@Suite(
    .timeLimit(.minutes(1)),
    .enabled("OpenSSL 3 is not installed") { await OpenSSL.isInstalled() },
)
struct OriginalAuthorityTests {
    private func prepare(_ path: FilePath) throws -> AuthorityPreparation {
        try AuthorityStore(directory: StateDirectory(path: path))
            .prepare(topLevelDomains: [try name("localhost"), try name("dev.example.com")])
    }

    @Test func `the original's CA is used as it is, for every TLD`() async throws {
        try await TemporaryDirectory.with { path in
            let openSSL = OpenSSL(directory: path)
            try await openSSL.makeOriginalAuthority()
            let before = try AtomicFile.read(path.appending("ca.pem"))
            let found = try prepare(path)
            #expect(found.outcome == .existing)
            #expect(found.authority.scope == .everything)
            #expect(try AtomicFile.read(path.appending("ca.pem")) == before)

            let leaf = try LeafIssuer(authority: found.authority)
                .leaf(for: try name("a.dev.example.com"), at: .now)
            let pem = PEMDocument(type: "CERTIFICATE", derBytes: leaf.chain[0]).pemString
            try AtomicFile.write("\(pem)\n".utf8, to: path.appending("leaf.pem"))
            let answer = try await openSSL.run(
                "verify",
                "-purpose",
                "sslserver",
                "-CAfile",
                "@ca.pem",
                "@leaf.pem",
            )
            #expect(answer.contains(": OK"))
        }
    }

    @Test func `it is replaced where the user asks for constraints`() async throws {
        try await TemporaryDirectory.with { path in
            try await OpenSSL(directory: path).makeOriginalAuthority()
            let directory = StateDirectory(path: path)
            let old = try AtomicFile.read(directory[.caCertificate])
            let store = AuthorityStore(directory: directory)
            let first = try store.prepare(topLevelDomains: [], requiresConstraints: true)
            guard case .replaced(.unconstrained, let retired) = first.outcome else {
                Issue.record("\(first.outcome)")
                return
            }
            #expect(try AtomicFile.read(retired) == old)
            // The key of a CA that is still trusted somewhere lies nowhere any more.
            let keys = DirectoryListing.names(path).filter { $0.hasPrefix("ca-key") }
            #expect(keys == ["ca-key.pem"])
            #expect(first.authority.scope == .domains(NameScope.usual))
            let second = try store.prepare(topLevelDomains: [], requiresConstraints: true)
            #expect(second.outcome == .existing)
        }
    }

    @Test func `its key may be in PKCS 8, too`() async throws {
        try await TemporaryDirectory.with { path in
            let openSSL = OpenSSL(directory: path)
            try await openSSL.makeOriginalAuthority()
            try await openSSL.run("pkey", "-in", "@ca-key.pem", "-out", "@new.pem")
            try FileSystem.move(path.appending("new.pem"), to: path.appending("ca-key.pem"))
            #expect(try prepare(path).outcome == .existing)
        }
    }

    @Test func `a CA of RSA is used, too`() async throws {
        try await TemporaryDirectory.with { path in
            let openSSL = OpenSSL(directory: path)
            try await openSSL.run(
                "req",
                "-new",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-keyout",
                "@ca-key.pem",
                "-out",
                "@ca.pem",
                "-subj",
                "/CN=mine",
                "-days",
                "100",
                "-addext",
                "basicConstraints=critical,CA:TRUE",
            )
            let found = try prepare(path)
            #expect(found.outcome == .existing)
            let leaf = try LeafIssuer(authority: found.authority)
                .leaf(for: try name("a.localhost"), at: .now)
            #expect(leaf.notAfter == found.authority.notAfter)
        }
    }

    @Test(arguments: ["-sha1", "-sha256"])
    func `a CA signed with SHA-1 is replaced`(digest: String) async throws {
        try await TemporaryDirectory.with { path in
            try await OpenSSL(directory: path).makeOriginalAuthority(digest: digest)
            let outcome = try prepare(path).outcome
            if digest == "-sha1" {
                guard case .replaced(.signedWithSHA1, _) = outcome else {
                    Issue.record("\(outcome)")
                    return
                }
            } else {
                #expect(outcome == .existing)
            }
        }
    }

    @Test func `a certificate that is no CA's is replaced and kept`() async throws {
        try await TemporaryDirectory.with { path in
            let openSSL = OpenSSL(directory: path)
            try await openSSL.run(
                "req",
                "-new",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-keyout",
                "@ca-key.pem",
                "-out",
                "@ca.pem",
                "-subj",
                "/CN=server",
                "-addext",
                "basicConstraints=critical,CA:FALSE",
            )
            let ca = path.appending("ca.pem")
            guard
                case .replaced(.unusable(.notAnAuthority(ca)), let retired) = try prepare(path)
                    .outcome
            else {
                Issue.record("it stayed")
                return
            }
            #expect(try FileStatus.of(retired) != nil)
        }
    }

    /// What `openssl` says of ours is what the specification asks for.
    @Test func `our own CA reads as specified`() async throws {
        try await TemporaryDirectory.with { path in
            _ = try AuthorityStore(directory: StateDirectory(path: path))
                .prepare(topLevelDomains: [try name("localhost"), try name("dev.example.com")])
            let openSSL = OpenSSL(directory: path)
            let text = try await openSSL.run(
                "x509",
                "-in",
                "@ca.pem",
                "-noout",
                "-subject",
                "-ext",
                "basicConstraints,keyUsage,extendedKeyUsage,nameConstraints",
            )
            #expect(
                text == """
                    subject=CN = portless Local CA
                    X509v3 Basic Constraints: critical
                        CA:TRUE, pathlen:0
                    X509v3 Key Usage: critical
                        Certificate Sign, CRL Sign
                    X509v3 Extended Key Usage: 
                        TLS Web Server Authentication
                    X509v3 Name Constraints: critical
                        Permitted:
                          DNS:dev.example.com
                          DNS:local
                          DNS:localhost
                          DNS:test
                          IP:127.0.0.0/255.0.0.0
                          IP:0:0:0:0:0:0:0:1/\
                    FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF

                    """
            )
            let key = try await openSSL.run("ec", "-in", "@ca-key.pem", "-noout", "-text")
            #expect(key.contains("ASN1 OID: prime256v1"))
        }
    }
}
