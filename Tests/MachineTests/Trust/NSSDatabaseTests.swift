import HostSystem
import PortlessCore
import SystemPackage
import TestSupport
import Testing

@testable import Machine

@Suite(.timeLimit(.minutes(1))) struct NSSDatabaseTests {
    private func database(
        _ directory: FilePath,
        runner: any CommandRunner = systemRunner,
        user: String? = nil,
    ) -> NSSDatabase {
        NSSDatabase(
            name: "test",
            directory: directory,
            user: user,
            runner: runner,
            hint: "Get it.",
        )
    }

    @Test(.enabled(if: systemRunner.has("certutil")))
    func `a CA is added, trusted for servers only, and deleted`() async throws {
        try await TemporaryDirectory.with { path in
            let fixture = try TrustFixture(in: path)
            let store = database(path.appending("nss"))
            #expect(await store.status(of: fixture.certificate) == .untrusted)
            try await store.install(fixture.certificate)
            try await store.install(fixture.certificate)
            #expect(await store.status(of: fixture.certificate) == .trusted)
            let listing = try await systemRunner.run(
                Command("certutil", ["-L", "-d", "sql:\(path.appending("nss"))"])
            )
            #expect(listing.output.contains("C,,  "))

            try await store.uninstall(fixture.certificate)
            try await store.uninstall(fixture.certificate)
            #expect(await store.status(of: fixture.certificate) == .untrusted)
        }
    }

    @Test(.enabled(if: systemRunner.has("certutil")))
    func `two CAs of the same subject live side by side`() async throws {
        try await TemporaryDirectory.with { path in
            let first = try TrustFixture(in: path, named: "a")
            let second = try TrustFixture(in: path, named: "b")
            let store = database(path.appending("nss"))
            try await store.install(first.certificate)
            try await store.install(second.certificate)
            #expect(await store.status(of: first.certificate) == .trusted)
            try await store.uninstall(first.certificate)
            #expect(await store.status(of: first.certificate) == .untrusted)
            #expect(await store.status(of: second.certificate) == .trusted)
        }
    }

    @Test(.enabled(if: systemRunner.has("certutil")))
    func `a CA that is there without trust is made trusted`() async throws {
        try await TemporaryDirectory.with { path in
            let fixture = try TrustFixture(in: path)
            let store = database(path.appending("nss"))
            try await store.install(fixture.certificate)
            let nickname = "portless Local CA \(fixture.certificate.fingerprint.short.prefix(8))"
            let distrust = ["-M", "-d", "sql:\(path.appending("nss"))", "-t", ",,", "-n", nickname]
            _ = try await systemRunner.run(Command("certutil", distrust))
            #expect(await store.status(of: fixture.certificate) == .untrusted)
            try await store.install(fixture.certificate)
            #expect(await store.status(of: fixture.certificate) == .trusted)
        }
    }

    @Test func `without certutil the store says what to install`() async throws {
        try await TemporaryDirectory.with { path in
            let fixture = try TrustFixture(in: path)
            let runner = ScriptedCommandRunner(programs: []) { _ in nil }
            let status = await database(path, runner: runner).status(of: fixture.certificate)
            #expect(status == .unavailable("certutil is not installed. Get it."))
        }
    }

    @Test func `a failure names the store and the command to run by hand`() async throws {
        try await TemporaryDirectory.with { path in
            let fixture = try TrustFixture(in: path)
            try AtomicFile.write("".utf8, to: path.appending("cert9.db"))
            let runner = ScriptedCommandRunner(programs: ["certutil"]) { _ in .failure }
            let error = await #expect(throws: TrustError.self) {
                try await database(path, runner: runner).install(fixture.certificate)
            }
            let short = fixture.certificate.fingerprint.short.prefix(8)
            let command = """
                certutil -d sql:\(path) -A -t C,, -n 'portless Local CA \(short)' \
                -i \(fixture.directory[.caCertificate])
                """
            #expect(
                error?.description
                    == "test: `\(command)` failed (no luck). To do it by hand, run: \(command)"
            )
        }
    }

    @Test func `root acts as the user whose database it is`() async throws {
        try await TemporaryDirectory.with { path in
            let fixture = try TrustFixture(in: path)
            let runner = ScriptedCommandRunner(programs: ["certutil"]) { _ in .failure }
            let store = database(path.appending("new"), runner: runner, user: "ann")
            try? await store.install(fixture.certificate)
            #expect(runner.lines == ["sudo -u ann -H -- mkdir -p \(path.appending("new"))"])
            #expect(!runner.commands.contains { $0.mayPrompt })
        }
    }

    @Test func `profiles of plain, snap and flatpak browsers are found`() throws {
        try TemporaryDirectory.with { home in
            let expected = [
                ".mozilla/firefox/abc.default",
                "snap/firefox/common/.mozilla/firefox/snap.default",
                ".var/app/org.mozilla.firefox/.mozilla/firefox/flat.default",
                ".pki/nssdb",
                "snap/chromium/current/.pki/nssdb",
            ].map { FilePath($0) }
            for folder in expected + [".mozilla/firefox/Crash Reports"] {
                try makeDirectories(folder, in: home)
            }
            for folder in expected {
                try AtomicFile.write("".utf8, to: home.pushing(folder).appending("cert9.db"))
            }
            let found = NSSDatabases.find(home: home, has: { _ in false })
            #expect(Set(found.map(\.directory)) == Set(expected.map(home.pushing)))
        }
    }

    @Test func `Chromium that has never run gets its database`() throws {
        try TemporaryDirectory.with { home in
            let found = NSSDatabases.find(home: home, has: { $0 == "chromium" })
            #expect(found.map(\.directory) == [home.appending(".pki").appending("nssdb")])
            #expect(NSSDatabases.find(home: home, has: { _ in false }).isEmpty)
        }
    }

    private func makeDirectories(_ folder: FilePath, in home: FilePath) throws {
        var path = home
        for component in folder.components {
            path.append(component)
            _ = try FileSystem.makeDirectory(path, mode: .ownerReadWriteExecute)
        }
    }
}
