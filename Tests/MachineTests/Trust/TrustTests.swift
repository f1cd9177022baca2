import HostSystem
import PortlessCore
import SystemPackage
import TestSupport
import Testing

@testable import Machine

@Suite(.timeLimit(.minutes(1))) struct TrustTests {
    private func environment(
        _ fixture: TrustFixture,
        isWSL: Bool = false,
    ) throws -> TrustEnvironment {
        var environment = TrustEnvironment(
            environment: [
                "PORTLESS_TRUST_ANCHORS": try fixture.makeDirectory("anchors").string,
                "PORTLESS_TRUST_REFRESH": "true now",
                "PORTLESS_TRUST_NSS": "",
            ],
            home: fixture.path,
            isRoot: false,
            platform: .linux,
        )
        environment.isWSL = isWSL
        return environment
    }

    private func trust(_ fixture: TrustFixture, _ environment: TrustEnvironment) -> Trust {
        Trust(
            directory: fixture.directory,
            environment: environment,
            runner: systemRunner,
            mayAsk: false,
        )
    }

    @Test func `the marker follows what the store says`() async throws {
        try await TemporaryDirectory.with { path in
            let fixture = try TrustFixture(in: path)
            let environment = try environment(fixture)
            let trust = trust(fixture, environment)
            let marker = TrustMarker(directory: fixture.directory)
            #expect(!marker.isSet)

            let installed = try await trust.install()
            #expect(installed.map(\.status) == [.trusted])
            #expect(marker.isSet)
            // The original's formula: SHA-256 of the file's bytes, lower case, and a newline.
            let content = String(
                decoding: try AtomicFile.read(fixture.directory[.caTrusted]),
                as: UTF8.self,
            )
            #expect(content == "\(Fingerprint(of: fixture.certificate.pem))\n")

            // The user removes the file by hand.
            let anchors = try #require(environment.anchors)
            try FileSystem.removeFile(anchors.appending("portless-ca.crt"))
            #expect(try await trust.status().map(\.status) == [.untrusted])
            #expect(!marker.isSet)
        }
    }

    @Test func `a marker of another CA counts for nothing`() throws {
        try TemporaryDirectory.with { path in
            let fixture = try TrustFixture(in: path)
            let marker = TrustMarker(directory: fixture.directory)
            try marker.set(true)
            #expect(marker.isSet)
            let tld = try name("internal")
            let store = AuthorityStore(directory: fixture.directory)
            let old = try AtomicFile.read(fixture.directory[.caTrusted])
            _ = try store.prepare(topLevelDomains: [tld])
            try AtomicFile.write(old, to: fixture.directory[.caTrusted])
            #expect(!marker.isSet)
        }
    }

    @Test func `under WSL no marker vouches for Windows`() async throws {
        try await TemporaryDirectory.with { path in
            let fixture = try TrustFixture(in: path)
            let trust = trust(fixture, try environment(fixture, isWSL: true))
            #expect(try await trust.install().map(\.status) == [.trusted])
            #expect(try FileStatus.of(fixture.directory[.caTrusted]) == nil)
        }
    }

    @Test func `untrusting also takes out the CAs from before`() async throws {
        try await TemporaryDirectory.with { path in
            let fixture = try TrustFixture(in: path)
            let environment = try environment(fixture)
            let anchors = try #require(environment.anchors)
            _ = try await trust(fixture, environment).install()
            // As another state directory's CA would, the old one stays under a name of its own.
            let own = anchors.appending(
                "portless-ca-\(fixture.certificate.fingerprint.short).crt"
            )
            try FileSystem.move(anchors.appending("portless-ca.crt"), to: own)
            let store = AuthorityStore(directory: fixture.directory)
            _ = try store.prepare(topLevelDomains: [try name("internal")])
            _ = try await trust(fixture, environment).install()
            #expect(DirectoryListing.names(anchors).count == 2)

            let reports = try await trust(fixture, environment).uninstall()
            #expect(reports.compactMap(\.failure).isEmpty)
            #expect(DirectoryListing.names(anchors).isEmpty)
            #expect(TrustedCertificate.retired(in: fixture.directory).isEmpty)
            #expect(try FileStatus.of(fixture.directory[.caCertificate]) != nil)
        }
    }

    @Test func `a failed untrust keeps the CA and says what to run`() async throws {
        try await TemporaryDirectory.with { path in
            let fixture = try TrustFixture(in: path)
            var environment = try environment(fixture)
            _ = try await trust(fixture, environment).install()
            environment.refresh = ["false"]
            let reports = try await trust(fixture, environment).uninstall()
            #expect(reports.first?.failure?.description.contains("To do it by hand") == true)
            #expect(try FileStatus.of(fixture.directory[.caCertificate]) != nil)
            #expect(try FileStatus.of(fixture.directory[.caTrustRefreshPending]) != nil)
        }
    }

    @Test func `without a CA there is nothing to trust`() async throws {
        try await TemporaryDirectory.with { path in
            let fixture = try TrustFixture(in: path)
            try FileSystem.removeFile(fixture.directory[.caCertificate])
            let trust = trust(fixture, try environment(fixture))
            #expect(try await trust.status().isEmpty)
            #expect(try await trust.install().isEmpty)
            #expect(try await trust.uninstall().isEmpty)
        }
    }
}
