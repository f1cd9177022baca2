import HostSystem
import Machine
import SystemPackage
import TestSupport
import Testing

@testable import PortlessCore
@testable import Server

/// A repository with three files, and a crash whose staged patch changes all of them.
struct GitFixture {
    static let names = ["a.txt", "b.txt", "c.txt"]

    let api: APIFixture
    let root: FilePath
    let tools: FilePath

    var store: CrashStore { api.crashes.store }

    static func with(
        _ state: ProcessState = .errored,
        _ body: (GitFixture) async throws -> Void,
    ) async throws {
        try await TemporaryDirectory.with { folder in
            let (root, tools) = (folder.appending("shop"), folder.appending("tools"))
            for folder in [root, tools] {
                _ = try FileSystem.makeDirectory(folder, mode: .ownerReadWriteExecute)
            }
            let runner = SystemCommandRunner(environment: [
                "PATH": "\(tools):/usr/local/bin:/usr/bin:/bin", "HOME": folder.string,
                "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a",
                "GIT_COMMITTER_EMAIL": "a@b", "FOLDER": folder.string,
            ])
            try await APIFixture.with(
                [.make("shop", [state], directory: root)],
                runner: runner,
            ) { api in
                let fixture = GitFixture(api: api, root: root, tools: tools)
                try await fixture.prepare(Git(runner, in: root))
                try await body(fixture)
            }
        }
    }

    private func prepare(_ git: Git) async throws {
        for name in Self.names { try write("old\n", name) }
        for command in [["init", "-q"], ["add", "."], ["commit", "-qm", "first"]] {
            try await git.perform(command)
        }
        for name in Self.names { try write("new\n", name) }
        let diff = try #require(await git.ask(["diff", "--no-renames"]))
        try await git.perform(["checkout", "-q", "."])
        try store.add(record(0, .staged))
        try AtomicFile.write(diff.utf8, to: store.patchFile(Self.id(0)))
    }

    static func id(_ number: Int) -> String { "\(1000 + number)-aaaa" }

    /// A crash of the app's process with this number.
    func record(_ number: Int, _ state: CrashPatch.State? = nil) throws -> CrashRecord {
        var record = CrashRecord(
            id: Self.id(number),
            time: .now,
            app: try AppName(parsing: "shop"),
            process: "p\(number)",
            directory: root,
        )
        record.cause = .code(1)
        record.repository = CrashRecord.Repository(root: root, head: "", branch: nil)
        record.isExamined = state != nil
        record.patch = state.map { CrashPatch($0, "", at: .now) }
        return record
    }

    func write(_ text: String, _ name: String) throws {
        try AtomicFile.write(text.utf8, to: root.appending(name))
    }

    /// The three files' content; "" for one that isn't there.
    var contents: [String] {
        Self.names.map { name in
            let bytes = try? AtomicFile.read(root.appending(name))
            return bytes.map { String(decoding: $0, as: UTF8.self) } ?? ""
        }
    }

    /// Puts a script before git, which it may call as `"$GIT"`.
    ///
    /// `wait_for` gives up after half a minute: a test that fails opens no gate, and git that waits
    /// for ever would keep all tests from ending.
    func replaceGit(_ script: String) throws {
        let text = """
            #!/bin/sh
            GIT=/usr/bin/git
            wait_for() { for _ in $(seq 600); do test -e "$1" && return; sleep 0.05; done; }
            \(script)
            exec "$GIT" "$@"

            """
        try AtomicFile.write(
            text.utf8,
            to: tools.appending("git"),
            mode: .ownerReadWriteExecute,
        )
    }

    func patch(_ number: Int = 0) -> CrashPatch? { store.record(Self.id(number))?.patch }

    /// Runs the watcher as a server does, for as long as `body` takes.
    func watching(_ body: () async throws -> Void) async throws {
        let watcher = await CrashWatcher(
            services: api.crashes.services,
            streams: api.streams,
            features: api.crashes.features,
        )
        let run = Task(executorPreference: api.work) { await watcher.run() }
        do {
            try await body()
        } catch {
            run.cancel()
            throw error
        }
        run.cancel()
        await run.value
    }

    /// A child of these tests that is just being started holds the lock for a moment, too.
    func expectNoLock() async throws {
        try await eventually { try store.takeLock() != nil }
    }

    func eventually(_ condition: () throws -> Bool) async throws {
        while try !condition() { try await Task.sleep(for: .milliseconds(10)) }
    }
}
