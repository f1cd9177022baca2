import HostSystem
import PortlessCore
import SystemPackage
import TestSupport
import Testing

@testable import Machine

@Suite struct ServerCertificateRenewalTests {
    private let none = ScriptedCommandRunner(programs: []) { _ in nil }

    /// `days` from now.
    private func provision(
        _ path: FilePath,
        _ runner: ScriptedCommandRunner,
        names: [String] = ["portless.localhost"],
        days: Int = 0,
    ) throws -> ServerCertificateProvision {
        ServerCertificateProvision(
            directory: StateDirectory(path: path),
            runner: runner,
            names: names.compactMap { Hostname($0) },
            now: Timestamp.now.advanced(byDays: days),
        )
    }

    private func folder(_ path: FilePath) -> ServerCertificateFolder {
        ServerCertificateFolder(directory: StateDirectory(path: path))
    }

    @Test func `where there is no certificate none is made`() async throws {
        try await TemporaryDirectory.with { path in
            let renewed = try await provision(path, ScriptedTailscale.runner()).renew()
            #expect(renewed == nil)
            #expect(DirectoryListing.names(path).isEmpty)
        }
    }

    @Test func `Tailscale's is renewed a month before its end, and not before`() async throws {
        try await TemporaryDirectory.with { path in
            let old = ScriptedTailscale.runner(days: 31)
            _ = try await provision(path, old).run(force: false)
            let before = try #require(folder(path).pair())
            #expect(try await provision(path, ScriptedTailscale.runner()).renew() == nil)
            #expect(folder(path).pair() == before)
            let renewed = try await provision(path, ScriptedTailscale.runner(), days: 2).renew()
            #expect(renewed != nil && renewed == folder(path).pair())
            #expect(folder(path).mode == "tailscale")
            let names = Set(DirectoryListing.names(folder(path).path))
            #expect(names == ["cert.pem", "key.pem", "meta.json"])
        }
    }

    @Test func `another name of the computer is another certificate`() async throws {
        try await TemporaryDirectory.with { path in
            _ = try await provision(path, ScriptedTailscale.runner()).run(force: false)
            let status = ScriptedTailscale.status(of: "other.tail1234.ts.net")
            let renewed = try await provision(path, ScriptedTailscale.runner(status: status))
                .renew()
            #expect(renewed?.hostNames.contains("other.tail1234.ts.net") == true)
        }
    }

    @Test func `a failure says why and leaves what is there`() async throws {
        try await TemporaryDirectory.with { path in
            _ = try await provision(path, ScriptedTailscale.runner(days: 20)).run(force: false)
            let before = folder(path).pair()
            for (runner, word) in [
                (ScriptedTailscale.runner(complaint: "too many requests"), "too many requests"),
                (ScriptedTailscale.runner(status: #"{"BackendState":"Stopped"}"#), "tailscale up"),
                (ScriptedTailscale.runner(days: -1), "isn't good for"), (none, "PATH"),
            ] {
                // On the last day, and after it: ours never takes its place.
                for days in [0, 30] {
                    await #expect {
                        try await provision(path, runner, days: days).renew()
                    } throws: { error in
                        "\(error)".contains(word)
                    }
                }
            }
            #expect(folder(path).pair() == before)
            #expect(folder(path).mode == "tailscale")
        }
    }

    @Test func `one that begins only now is taken`() async throws {
        try await TemporaryDirectory.with { path in
            // Its life of 397 days begins a day later than this provision was made.
            let provision = try provision(path, ScriptedTailscale.runner(days: 396), days: -2)
            guard case .tailscale = try await provision.run(force: false) else {
                Issue.record("it is Tailscale's latest")
                return
            }
        }
    }

    @Test func `Tailscale isn't missed before it is needed`() async throws {
        try await TemporaryDirectory.with { path in
            _ = try await provision(path, ScriptedTailscale.runner()).run(force: false)
            #expect(try await provision(path, none).renew() == nil)
        }
    }

    @Test func `what Tailscale gives out again is no renewal`() async throws {
        try await TemporaryDirectory.with { path in
            _ = try await provision(path, ScriptedTailscale.runner(days: 20)).run(force: false)
            let folder = folder(path)
            let (certificate, key) = (folder.certificate, folder.key)
            let same = ScriptedCommandRunner(programs: ["tailscale"]) {
                command throws(CommandError) in
                if command.arguments.first == "status" {
                    return CommandResult(exitCode: 0, output: ScriptedTailscale.status())
                }
                do {
                    try AtomicFile.write(
                        AtomicFile.read(certificate),
                        to: FilePath(command.arguments[2]),
                    )
                    try AtomicFile.write(AtomicFile.read(key), to: FilePath(command.arguments[4]))
                } catch {
                    throw .failedToStart(command, reason: "\(error)")
                }
                return .success
            }
            let before = try FileStatus.of(certificate)
            #expect(try await provision(path, same).renew() == nil)
            #expect(try FileStatus.of(certificate) == before)
        }
    }

    @Test func `what the user does meanwhile counts`() async throws {
        try await TemporaryDirectory.with { path in
            _ = try await provision(path, ScriptedTailscale.runner(days: 20)).run(force: false)
            let folder = folder(path)
            let removing = ScriptedTailscale.runner {
                try FileSystem.removeFile(folder.certificate)
                try FileSystem.removeFile(folder.key)
            }
            #expect(try await provision(path, removing).renew() == nil)
            #expect(DirectoryListing.names(folder.path) == ["meta.json"])
        }
    }

    @Test func `a user's own is left alone, also in the place of ours`() async throws {
        try await TemporaryDirectory.with { path in
            let theirs = try ScriptedTailscale.pair(for: "theirs.example", days: 1)
            for hasRecord in [false, true] {
                if hasRecord {
                    _ = try await provision(path, ScriptedTailscale.runner()).run(force: true)
                }
                try path.write("certs/cert.pem", theirs.certificate)
                try path.write("certs/key.pem", theirs.key)
                let provision = try provision(path, ScriptedTailscale.runner())
                #expect(folder(path).mode == "custom")
                #expect(try await provision.renew() == nil)
                #expect(try await provision.run(force: false) == .foreign)
                let certificate = try AtomicFile.read(folder(path).certificate)
                #expect(certificate == Array(theirs.certificate.utf8))
            }
        }
    }

    @Test func `our own is signed again, by our own CA even where Tailscale is`() async throws {
        try await TemporaryDirectory.with { path in
            let both = ["portless.test", "portless.localhost"]
            _ = try await provision(path, none, names: both).run(force: false)
            let before = try #require(folder(path).pair())
            let tailscale = ScriptedTailscale.runner()
            #expect(try await provision(path, tailscale, days: 365).renew() == nil)
            let later = try provision(path, tailscale, days: 367)
            let renewed = try #require(try await later.renew())
            #expect(renewed.notAfter > before.notAfter)
            #expect(renewed.chain.last == before.chain.last)
            #expect(Set(renewed.hostNames) == Set(["localhost"] + both))
            #expect(folder(path).mode == "portless")
            #expect(tailscale.commands.isEmpty)
        }
    }

    @Test func `a name that our own lacks is added, if the CA may sign for it`() async throws {
        try await TemporaryDirectory.with { path in
            _ = try await provision(path, none).run(force: false)
            let more = ["portless.localhost", "portless.test", "portless.example"]
            let renewed = try await provision(path, none, names: more).renew()
            #expect(renewed?.hostNames == ["localhost", "portless.localhost", "portless.test"])
            #expect(try await provision(path, none, names: more).renew() == nil)
        }
    }

    @Test func `a key that doesn't match is replaced`() async throws {
        try await TemporaryDirectory.with { path in
            _ = try await provision(path, none).run(force: false)
            try FileSystem.removeFile(folder(path).key)
            #expect(try await provision(path, none).renew() != nil)
            #expect(folder(path).pair() != nil)
        }
    }

    @Test func `no CA is made for it`() async throws {
        try await TemporaryDirectory.with { path in
            _ = try await provision(path, none).run(force: false)
            let before = try #require(folder(path).pair())
            let directory = StateDirectory(path: path)
            let authority = try #require(try AuthorityStore(directory: directory).existing())
            let end = authority.notAfter
            await #expect(throws: RenewalFailure.authorityEnds(end)) {
                try await provision(path, none, days: 4000).renew()
            }
            try FileSystem.removeFile(directory[.caKey])
            #expect(try await provision(path, none).renew() == nil)
            await #expect(throws: RenewalFailure.noAuthority) {
                try await provision(path, none, days: 390).renew()
            }
            #expect(folder(path).pair() == before)
        }
    }
}

@Suite struct RenewalScheduleTests {
    private static let start = Timestamp(seconds: 1_800_000_000)

    private func time(hours: Int) -> Timestamp {
        Timestamp(seconds: Self.start.seconds + Int64(hours) * 3600)
    }

    @Test func `it looks at once, then once a day`() {
        var schedule = RenewalSchedule()
        #expect(schedule.isDue(at: Self.start))
        schedule.looked(hasFailed: false, at: Self.start)
        #expect(!schedule.isDue(at: Self.start))
        #expect(!schedule.isDue(at: time(hours: 23)))
        #expect(schedule.isDue(at: time(hours: 24)))
        // The computer slept for a week.
        #expect(schedule.isDue(at: time(hours: 7 * 24)))
    }

    @Test func `after a failure it looks sooner, and ever more seldom`() {
        var schedule = RenewalSchedule()
        var now = Self.start
        for hours in [1, 2, 4, 8, 16, 24, 24] {
            schedule.looked(hasFailed: true, at: now)
            let next = now.seconds + Int64(hours) * 3600
            #expect(!schedule.isDue(at: Timestamp(seconds: next - 1)), "\(hours)")
            now = Timestamp(seconds: next)
            #expect(schedule.isDue(at: now), "\(hours)")
        }
        schedule.looked(hasFailed: false, at: now)
        schedule.looked(hasFailed: true, at: now)
        #expect(schedule.isDue(at: Timestamp(seconds: now.seconds + 3600)))
    }

    @Test func `a clock that is set back puts nothing off`() {
        var schedule = RenewalSchedule()
        schedule.looked(hasFailed: false, at: Self.start)
        #expect(!schedule.isDue(at: time(hours: 0)))
        #expect(schedule.isDue(at: time(hours: -1)))
        #expect(schedule.isDue(at: Timestamp(seconds: 0)))
    }
}
