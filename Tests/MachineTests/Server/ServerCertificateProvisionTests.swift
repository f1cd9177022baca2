import HostSystem
import PortlessCore
import SystemPackage
import TestSupport
import Testing

@testable import Machine

@Suite struct ServerCertificateProvisionTests {
    private static let name = ScriptedTailscale.name

    private let none = ScriptedCommandRunner(programs: []) { _ in nil }

    private func provision(
        _ path: FilePath,
        _ runner: ScriptedCommandRunner,
    ) throws -> ServerCertificateProvision {
        ServerCertificateProvision(
            directory: StateDirectory(path: path),
            runner: runner,
            names: [try #require(Hostname("portless.localhost"))],
        )
    }

    private func folder(_ path: FilePath) -> ServerCertificateFolder {
        ServerCertificateFolder(directory: StateDirectory(path: path))
    }

    @Test func `without Tailscale our own CA signs, and stays as long as it is good`() async throws
    {
        try await TemporaryDirectory.with { path in
            let outcome = try await provision(path, none).run(force: false)
            guard case .own(let names, _, nil) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(names == ["localhost", "portless.localhost"])
            let pair = try #require(folder(path).pair())
            #expect(pair.hostNames == names)
            #expect(folder(path).mode == "portless")
            #expect(try FileStatus.of(folder(path).key)?.permissions == .ownerReadWrite)
            let again = try await provision(path, none).run(force: false)
            #expect(again == .unchanged(names: names, until: pair.notAfter))
            _ = try await provision(path, none).run(force: true)
            #expect(folder(path).pair()?.chain[0] != pair.chain[0])
        }
    }

    @Test func `a new CA signs a new one`() async throws {
        try await TemporaryDirectory.with { path in
            _ = try await provision(path, none).run(force: false)
            let directory = StateDirectory(path: path)
            try FileSystem.removeFile(directory[.caCertificate])
            try FileSystem.removeFile(directory[.caKey])
            guard case .own = try await provision(path, none).run(force: false) else {
                Issue.record("the certificate is of a CA that is gone")
                return
            }
        }
    }

    @Test func `Tailscale's name gets Tailscale's certificate`() async throws {
        try await TemporaryDirectory.with { path in
            let runner = ScriptedTailscale.runner()
            guard
                case .tailscale(Self.name, _) = try await provision(path, runner).run(force: false)
            else {
                Issue.record("\(runner.lines)")
                return
            }
            #expect(folder(path).mode == "tailscale")
            #expect(runner.commands.last?.arguments.last == Self.name)
            let names = DirectoryListing.names(folder(path).path)
            #expect(Set(names) == ["cert.pem", "key.pem", "meta.json"])
            guard case .unchanged = try await provision(path, runner).run(force: false) else {
                Issue.record("it is good for three months")
                return
            }
        }
    }

    @Test func `one with less than a month left is renewed`() async throws {
        try await TemporaryDirectory.with { path in
            _ = try await provision(path, ScriptedTailscale.runner(days: 20)).run(force: false)
            guard
                case .tailscale = try await provision(path, ScriptedTailscale.runner()).run(
                    force: false
                )
            else {
                Issue.record("it has twenty days left")
                return
            }
        }
    }

    @Test(
        arguments: [
            (#"{"BackendState":"Stopped"}"#, "tailscale up"),
            (#"{"BackendState":"Running","Self":{"DNSName":""}}"#, "MagicDNS"),
            ("not JSON", "doesn't answer"),
        ]
    )
    func `where Tailscale can't, ours does, and says why`(
        status: String,
        word: String,
    ) async throws {
        try await TemporaryDirectory.with { path in
            let outcome = try await provision(path, ScriptedTailscale.runner(status: status)).run(
                force: false
            )
            guard case .own(_, _, let reason?) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(reason.contains(word))
        }
    }

    @Test func `a refusal of Tailscale's leaves its certificate in use`() async throws {
        try await TemporaryDirectory.with { path in
            _ = try await provision(path, ScriptedTailscale.runner(days: 20)).run(force: false)
            let before = folder(path).pair()
            let refusing = ScriptedTailscale.runner(complaint: "certificates are not enabled")
            guard case .unchanged = try await provision(path, refusing).run(force: false) else {
                Issue.record("it was still good")
                return
            }
            #expect(folder(path).pair() == before)
        }
    }

    @Test func `a user's own pair stays, unless it is forced`() async throws {
        try await TemporaryDirectory.with { path in
            try path.write("certs/cert.pem", "mine")
            #expect(try await provision(path, none).run(force: false) == .foreign)
            #expect(try AtomicFile.read(folder(path).certificate) == Array("mine".utf8))
            guard case .own = try await provision(path, none).run(force: true) else {
                Issue.record("it was forced")
                return
            }
        }
    }
}
