import HostSystem
import PortlessCore
import SystemPackage
import TestSupport
import Testing

@testable import Machine

@Suite(.timeLimit(.minutes(1))) struct SystemAnchorsTests {
    @Test func `a CA is installed once, found, and taken out again`() async throws {
        try await TemporaryDirectory.with { path in
            let fixture = try TrustFixture(in: path)
            let folder = try fixture.makeDirectory("anchors")
            let store = fixture.anchors(in: folder, runner: systemRunner)

            #expect(await store.status(of: fixture.certificate) == .untrusted)
            try await store.install(fixture.certificate)
            try await store.install(fixture.certificate)
            #expect(await store.status(of: fixture.certificate) == .trusted)
            let anchor = folder.appending("portless-ca.crt")
            #expect(try AtomicFile.read(anchor) == fixture.certificate.pem)
            #expect(try FileStatus.of(anchor)?.permissions.rawValue == 0o644)

            try await store.uninstall(fixture.certificate)
            try await store.uninstall(fixture.certificate)
            #expect(await store.status(of: fixture.certificate) == .untrusted)
            #expect(DirectoryListing.names(folder).isEmpty)
            #expect(try FileStatus.of(fixture.directory[.caTrustRefreshPending]) == nil)
        }
    }

    @Test func `CAs of two state directories don't displace each other`() async throws {
        try await TemporaryDirectory.with { path in
            let first = try TrustFixture(in: path, named: "a")
            let second = try TrustFixture(in: path, named: "b")
            let folder = try first.makeDirectory("anchors")
            let store = first.anchors(in: folder, runner: systemRunner)

            try await store.install(first.certificate)
            try await store.install(second.certificate)
            #expect(await store.status(of: first.certificate) == .trusted)
            #expect(await store.status(of: second.certificate) == .trusted)
            try await store.uninstall(first.certificate)
            #expect(await store.status(of: second.certificate) == .trusted)
        }
    }

    @Test func `a CA that has replaced another takes its place`() async throws {
        try await TemporaryDirectory.with { path in
            let fixture = try TrustFixture(in: path)
            let folder = try fixture.makeDirectory("anchors")
            let store = fixture.anchors(in: folder, runner: systemRunner)
            try await store.install(fixture.certificate)
            let tld = try name("internal")
            _ = try AuthorityStore(directory: fixture.directory).prepare(topLevelDomains: [tld])
            let newer = try #require(try TrustedCertificate.current(in: fixture.directory))

            #expect(await store.status(of: newer) == .untrusted)
            try await store.install(newer)
            #expect(DirectoryListing.names(folder) == ["portless-ca.crt"])
            #expect(await store.status(of: newer) == .trusted)
            #expect(await store.status(of: fixture.certificate) == .untrusted)
        }
    }

    @Test func `a refresh that failed is made up for the next time`() async throws {
        try await TemporaryDirectory.with { path in
            let fixture = try TrustFixture(in: path)
            let folder = try fixture.makeDirectory("anchors")
            try await fixture.anchors(in: folder, runner: systemRunner)
                .install(fixture.certificate)
            let broken = fixture.anchors(in: folder, refresh: ["false"], runner: systemRunner)
            await #expect(throws: TrustError.self) {
                try await broken.uninstall(fixture.certificate)
            }
            let marker = path.appending("refreshed")
            let repaired = fixture.anchors(
                in: folder,
                refresh: ["touch", marker.string],
                runner: systemRunner,
            )
            try await repaired.uninstall(fixture.certificate)
            #expect(try FileStatus.of(marker) != nil)
            #expect(try FileStatus.of(fixture.directory[.caTrustRefreshPending]) == nil)
        }
    }

    @Test func `a refresh that leaves the CA out is no success`() async throws {
        try await TemporaryDirectory.with { path in
            let fixture = try TrustFixture(in: path)
            let folder = try fixture.makeDirectory("anchors")
            let bundle = path.appending("bundle.pem")
            try AtomicFile.write("".utf8, to: bundle)
            let store = fixture.anchors(in: folder, bundle: bundle, runner: systemRunner)
            await #expect(throws: TrustError.self) {
                try await store.install(fixture.certificate)
            }
            #expect(await store.status(of: fixture.certificate) == .untrusted)
        }
    }

    @Test func `without root and without a terminal the commands are told, not run`() async throws {
        try await TemporaryDirectory.with { path in
            let fixture = try TrustFixture(in: path)
            let runner = ScriptedCommandRunner(programs: []) { _ in nil }
            let store = fixture.anchors(
                in: "/no/anchors",
                refresh: ["update-ca-trust"],
                runner: runner,
                needsRoot: true,
            )
            let error = await #expect(throws: TrustError.self) {
                try await store.install(fixture.certificate)
            }
            #expect(runner.lines.isEmpty)
            let ca = fixture.directory[.caCertificate]
            #expect(
                error?.description == """
                    system certificates: it needs root, and there is no terminal to ask for a \
                    password at. To do it by hand, run: sudo install -d -m 755 /no/anchors && \
                    sudo install -m 644 \(ca) /no/anchors/portless-ca.crt && sudo update-ca-trust
                    """
            )
        }
    }

    /// Never run on these systems: what is golden here is what would be typed there.
    @Test(arguments: AnchorFamily.all)
    func `with a terminal sudo is asked for each command`(family: AnchorFamily) async throws {
        try await TemporaryDirectory.with { path in
            let fixture = try TrustFixture(in: path)
            let runner = ScriptedCommandRunner(programs: []) { _ in .success }
            let refresh = try #require(family.refresh.first)
            let folder = path.pushing(family.directory.removingRoot())
            let store = fixture.anchors(
                in: folder,
                refresh: family.refresh,
                runner: runner,
                mayAsk: true,
                needsRoot: true,
            )
            // Nothing was really done, and that is noticed.
            await #expect(throws: TrustError.self) {
                try await store.install(fixture.certificate)
            }
            let ca = fixture.directory[.caCertificate]
            #expect(
                runner.lines == [
                    "sudo -- install -d -m 755 \(folder)",
                    "sudo -- install -m 644 \(ca) \(folder)/portless-ca.crt",
                    "sudo -- \(refresh)",
                ]
            )
            #expect(runner.commands.allSatisfy { $0.mayPrompt })
        }
    }

    /// Debian's own script, on folders of the test's.
    @Test(.enabled(if: systemRunner.has("update-ca-certificates")))
    func `Debian's update-ca-certificates lists the CA and drops it again`() async throws {
        try await TemporaryDirectory.with { path in
            let fixture = try TrustFixture(in: path)
            let local = try fixture.makeDirectory("local")
            let certificates = try fixture.makeDirectory("certs")
            let elsewhere = [
                "--localcertsdir", local.string, "--etccertsdir", certificates.string,
                "--hooksdir", try fixture.makeDirectory("hooks").string,
            ]
            let debian = try #require(AnchorFamily.all.first { $0.identifiers.contains("debian") })
            let store = fixture.anchors(
                in: local,
                refresh: debian.refresh + elsewhere,
                refreshAfterRemoval: debian.refreshAfterRemoval + elsewhere,
                bundle: certificates.appending("ca-certificates.crt"),
                runner: systemRunner,
            )
            try await store.install(fixture.certificate)
            #expect(await store.status(of: fixture.certificate) == .trusted)
            let bundle = try AtomicFile.read(certificates.appending("ca-certificates.crt"))
            #expect(CertificateBundle.contains(fixture.certificate.pem, in: bundle))

            try await store.uninstall(fixture.certificate)
            let after = try AtomicFile.read(certificates.appending("ca-certificates.crt"))
            #expect(!CertificateBundle.contains(fixture.certificate.pem, in: after))
            #expect(after.count > 1000)
            #expect(!DirectoryListing.names(certificates).contains("portless-ca.pem"))
        }
    }
}
