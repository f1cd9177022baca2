import HostSystem
import PortlessCore
import SystemPackage
import TestSupport
import Testing

@testable import Machine

@Suite struct AuthorityStoreTests {
    private let localhost: [Hostname]

    init() throws {
        localhost = [try name("localhost")]
    }

    @Test func `an empty directory gets a CA whose key only its owner can read`() throws {
        try TemporaryDirectory.with { path in
            let directory = StateDirectory(path: path)
            let made = try AuthorityStore(directory: directory).prepare(topLevelDomains: localhost)

            #expect(made.outcome == .created)
            let key = try #require(try FileStatus.of(directory[.caKey]))
            #expect(key.permissions == .ownerReadWrite)
            let certificate = try #require(try FileStatus.of(directory[.caCertificate]))
            #expect(certificate.permissions.rawValue == 0o644)
            let text = String(decoding: try AtomicFile.read(directory[.caKey]), as: UTF8.self)
            #expect(text.hasPrefix("-----BEGIN EC PRIVATE KEY-----\n"))
        }
    }

    @Test func `the second time the CA is found as it was`() throws {
        try TemporaryDirectory.with { path in
            let store = AuthorityStore(directory: StateDirectory(path: path))
            let made = try store.prepare(topLevelDomains: localhost)
            let found = try store.prepare(topLevelDomains: localhost + [try name("test")])

            #expect(found.outcome == .existing)
            #expect(found.authority.der == made.authority.der)
            #expect(try store.existing()?.der == made.authority.der)
        }
    }

    @Test func `a key that others could read is protected`() throws {
        try TemporaryDirectory.with { path in
            let directory = StateDirectory(path: path)
            let store = AuthorityStore(directory: directory)
            _ = try store.prepare(topLevelDomains: localhost)
            try FileSystem.setPermissions(FilePermissions(rawValue: 0o644), of: directory[.caKey])
            _ = try store.prepare(topLevelDomains: localhost)

            #expect(try FileStatus.of(directory[.caKey])?.permissions == .ownerReadWrite)
        }
    }

    @Test func `a TLD outside the constraints makes a new CA that keeps the old names`() throws {
        try TemporaryDirectory.with { path in
            let directory = StateDirectory(path: path)
            let store = AuthorityStore(directory: directory)
            let first = try store.prepare(topLevelDomains: [try name("internal")])
            let old = try AtomicFile.read(directory[.caCertificate])
            try AtomicFile.write("x\n".utf8, to: directory[.caTrusted])
            let second = try store.prepare(topLevelDomains: [try name("dev.example.com")])

            guard case .replaced(let reason, let retired) = second.outcome else {
                Issue.record("the CA stayed")
                return
            }
            #expect(reason == .outsideItsConstraints(try name("dev.example.com")))
            #expect(try AtomicFile.read(retired) == old)
            #expect(try FileStatus.of(directory[.caTrusted]) == nil)
            #expect(second.authority.scope.covers(try name("a.internal")))
            #expect(second.authority.scope.covers(try name("a.dev.example.com")))
            #expect(!second.authority.scope.covers(try name("example.com")))
            #expect(!first.authority.scope.covers(try name("a.dev.example.com")))
        }
    }

    @Test func `a CA is replaced within a week of its end and not before`() throws {
        try TemporaryDirectory.with { path in
            let store = AuthorityStore(directory: StateDirectory(path: path))
            let made = try store.prepare(topLevelDomains: localhost, at: someTime)
            let end = made.authority.notAfter
            let early = try store.prepare(
                topLevelDomains: localhost,
                at: end.advanced(byDays: -8),
            )
            let late = try store.prepare(topLevelDomains: localhost, at: end.advanced(byDays: -6))

            #expect(early.outcome == .existing)
            guard case .replaced(.expires(end), _) = late.outcome else {
                Issue.record("\(late.outcome)")
                return
            }
        }
    }

    @Test func `a key that doesn't match is kept aside with its certificate`() throws {
        try TemporaryDirectory.with { path in
            let directory = StateDirectory(path: path)
            let store = AuthorityStore(directory: directory)
            _ = try store.prepare(topLevelDomains: localhost)
            let certificate = try AtomicFile.read(directory[.caCertificate])
            try FileSystem.removeFile(directory[.caCertificate])
            _ = try store.prepare(topLevelDomains: localhost)
            let key = try AtomicFile.read(directory[.caKey])
            try AtomicFile.write(certificate, to: directory[.caCertificate])
            let again = try store.prepare(topLevelDomains: localhost)

            let mismatch = CertificateError.keyDoesNotMatch(
                certificate: directory[.caCertificate],
                key: directory[.caKey],
            )
            let fingerprint = Fingerprint(of: certificate)
            let retired = directory.retiredCertificate(fingerprint)
            #expect(again.outcome == .replaced(.unusable(mismatch), retired: retired))
            #expect(try AtomicFile.read(retired) == certificate)
            #expect(try AtomicFile.read(directory.retiredKey(fingerprint)) == key)
        }
    }

    @Test func `what can't be opened is an error and stays`() throws {
        try TemporaryDirectory.with { path in
            let directory = StateDirectory(path: path)
            // A directory in the file's place: even root can't read that as a file.
            _ = try FileSystem.makeDirectory(
                directory[.caCertificate],
                mode: .ownerReadWriteExecute,
            )
            let store = AuthorityStore(directory: directory)

            #expect(throws: SystemError.self) { try store.prepare(topLevelDomains: localhost) }
            #expect(try FileStatus.of(directory[.caKey]) == nil)
        }
    }
}
