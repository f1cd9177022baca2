import HostSystem
import PortlessCore
import SystemPackage
import TestSupport
import Testing

@testable import Machine

@Suite struct CABundleTests {
    @Test func `the bundle has the system's roots and ours, and is made once`() throws {
        try TemporaryDirectory.with { path in
            let fixture = try TrustFixture(in: path)
            let other = try TrustFixture(in: path, named: "other").certificate.pem
            let roots = path.appending("roots.pem")
            // Without its last newline, as some bundles are.
            try AtomicFile.write(other.dropLast(), to: roots)
            let bundle = CABundle(directory: fixture.directory, systemRoots: roots)

            let file = try bundle.refresh()
            #expect(file == fixture.directory[.caBundle])
            let content = try AtomicFile.read(file)
            #expect(CertificateBundle.contains(fixture.certificate.pem, in: content))
            #expect(CertificateBundle.contains(other, in: content))
            #expect(try PEMFile(content).certificates.count == 2)

            let before = try FileStatus.of(file)
            _ = try bundle.refresh()
            #expect(try FileStatus.of(file) == before)
        }
    }

    @Test func `a change of either source writes it again`() throws {
        try TemporaryDirectory.with { path in
            let fixture = try TrustFixture(in: path)
            let first = try TrustFixture(in: path, named: "a").certificate.pem
            let second = try TrustFixture(in: path, named: "b").certificate.pem
            let roots = path.appending("roots.pem")
            try AtomicFile.write(first, to: roots)
            let bundle = CABundle(directory: fixture.directory, systemRoots: roots)
            _ = try bundle.refresh()

            // In place and of the same length: only the time tells.
            try AtomicFile.writeInPlace(second.prefix(first.count), to: roots)
            #expect(SystemCalls.setModificationTime(of: roots, toSecond: 1_700_000_000))
            let afterRoots = try AtomicFile.read(try bundle.refresh())
            #expect(!CertificateBundle.contains(first, in: afterRoots))

            let tld = try name("internal")
            _ = try AuthorityStore(directory: fixture.directory).prepare(topLevelDomains: [tld])
            let newer = try AtomicFile.read(fixture.directory[.caCertificate])
            let afterCA = try AtomicFile.read(try bundle.refresh())
            #expect(CertificateBundle.contains(newer, in: afterCA))
            #expect(!CertificateBundle.contains(fixture.certificate.pem, in: afterCA))
        }
    }

    @Test func `each file of the user's has a bundle with its certificates, and no key`() throws {
        try TemporaryDirectory.with { path in
            let fixture = try TrustFixture(in: path)
            let roots = path.appending("roots.pem")
            try AtomicFile.write(
                try TrustFixture(in: path, named: "a").certificate.pem,
                to: roots,
            )
            let corporate = try TrustFixture(in: path, named: "b")
            let key = try AtomicFile.read(corporate.directory[.caKey])
            let users = path.appending("corporate.pem")
            try AtomicFile.write(key + corporate.certificate.pem, to: users)
            let plain = CABundle(directory: fixture.directory, systemRoots: roots)
            let bundle = CABundle(
                directory: fixture.directory,
                systemRoots: roots,
                usersFile: users,
            )

            #expect(try bundle.refresh() != plain.refresh())
            let file = try PEMFile(try AtomicFile.read(try bundle.refresh()))
            #expect(file.certificates.count == 3)
            #expect(file.blocks.count == 3)

            try AtomicFile.write("no certificate".utf8, to: users)
            #expect(throws: CertificateError.noCertificate(users)) { try bundle.refresh() }
            try FileSystem.removeFile(users)
            #expect(throws: SystemError.self) { try bundle.refresh() }
        }
    }

    @Test func `without the system's roots there is no bundle`() throws {
        try TemporaryDirectory.with { path in
            let fixture = try TrustFixture(in: path)
            let bundle = CABundle(directory: fixture.directory, systemRoots: path.appending("no"))
            #expect(throws: SystemError.self) { try bundle.refresh() }
            #expect(try FileStatus.of(fixture.directory[.caBundle]) == nil)
        }
    }
}
