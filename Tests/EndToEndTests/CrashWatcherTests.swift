import Foundation
import Testing

extension EndToEnd {
    /// Apps that crash, what is recorded of it, and patches that a command makes.
    @Suite struct CrashWatcherTests {}
}

extension EndToEnd.CrashWatcherTests {
    private struct Crashes: Decodable {
        let crashes: [Crash]
        let watching: Bool
    }

    private struct Crash: Decodable {
        struct Diagnosis: Decodable {
            let kind: String
            let sentence: String
            let isCertain: Bool
        }

        struct Exit: Decodable {
            let code: Int?
            let signal: Int?
        }

        struct Patch: Decodable {
            let state: String
            let sentence: String
        }

        let id: String
        let process: String
        let exit: Exit
        let diagnosis: Diagnosis
        let patch: Patch?
    }

    /// A sandbox whose features have free ports.
    private func with(_ body: (Sandbox) async throws -> Void) async throws {
        let (api, page) = (try FreePort.next(), try FreePort.next())
        try await Sandbox.with(
            [
                "PORTLESS_CRASHES_PORT": String(api), "PORTLESS_CRASHES_UI_PORT": String(page),
                "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a",
                "GIT_COMMITTER_EMAIL": "a@b",
            ],
            body,
        )
    }

    private func crashes(_ sandbox: Sandbox) async throws -> Crashes {
        let list = try await sandbox.portless("crashes", "--json")
        return try JSONDecoder().decode(Crashes.self, from: Data(list.output.utf8))
    }

    private func succeed(_ sandbox: Sandbox, _ arguments: String...) async throws {
        let result = try await sandbox.start([Binary.path] + arguments).finished()
        try #require(result.status == 0, "\(arguments): \(result.output)\(result.talk)")
    }

    private func git(_ sandbox: Sandbox, _ arguments: String...) async throws -> String {
        let result = try await sandbox.start(["git"] + arguments).finished()
        try #require(result.status == 0, "\(arguments): \(result.talk)")
        return result.output
    }

    private func writeProcesses(_ commands: [String: String], _ sandbox: Sandbox) throws {
        let processes = commands.map { name, command in
            (name, ["command": command, "autorestart": false] as [String: Any])
        }
        let object: [String: Any] = [
            "name": "shop", "processes": Dictionary(uniqueKeysWithValues: processes),
        ]
        let data = try JSONSerialization.data(withJSONObject: object)
        try sandbox.write(String(decoding: data, as: UTF8.self), to: "portless.json")
    }

    private func isOpen(_ port: String?) -> Bool {
        port.flatMap { Int($0) }.map { !FreePort.isFree($0) } ?? false
    }

    @Test func `each crash is recorded with its cause`() async throws {
        try await with { sandbox in
            let taken = try FreePort.next()
            try sandbox.write(
                "require('http').createServer().listen(\(taken), '127.0.0.1')",
                to: "holder.js",
            )
            let holder = try sandbox.start(["node", "holder.js"])
            defer { holder.send(SIGKILL) }
            try await eventually("the port is held") { FreePort.isFree(taken) ? nil : () }
            let scripts = [
                "port.js": "require('http').createServer().listen(\(taken), '127.0.0.1')",
                "module.js": "require('no-such-package')",
                "syntax.js": "let x = ;",
                "file.js": "require('fs').readFileSync('no-such.json')",
                "db.js": "require('net').connect(27017, '127.0.0.1')",
                "env.py": "import os\nos.environ['NO_SUCH_URL']",
                "module.py": "import no_such_module",
                "memory.js": "const a = []; for (;;) a.push(new Array(1000).fill({}))",
            ]
            for (name, text) in scripts { try sandbox.write(text, to: name) }
            try sandbox.write("#!/no/such/interpreter\n", to: "script")
            try writeProcesses(
                [
                    "port": "node port.js", "module": "node module.js",
                    "syntax": "node syntax.js", "file": "node file.js", "db": "node db.js",
                    "env": "python3 env.py", "python": "python3 module.py",
                    "memory": "node --max-old-space-size=20 memory.js",
                    "command": "sh -c 'no-such-program; exit $?'",
                    "killed": "sh -c 'kill -9 $$'",
                    "denied": "sh -c ./script", "fine": "sh -c 'exit 0'",
                ],
                sandbox,
            )
            try await succeed(sandbox, "crashes", "on")
            _ = try await sandbox.portless("up")
            let expected = [
                "port": "port-taken", "module": "module-missing", "syntax": "syntax",
                "file": "file-missing", "db": "database-down", "env": "variable-missing",
                "python": "module-missing", "memory": "out-of-memory",
                "command": "command-missing", "killed": "killed", "denied": "interpreter",
            ]
            let found = try await eventually("all crashes are recorded") {
                let found = try await crashes(sandbox).crashes
                return found.count >= expected.count ? found : nil
            }
            for crash in found {
                #expect(crash.diagnosis.kind == expected[crash.process], "\(crash)")
            }
            #expect(Set(found.map(\.process)) == Set(expected.keys))
            let port = try #require(found.first { $0.process == "port" })
            #expect(port.exit.code == 1)
            #expect(port.diagnosis.sentence.hasPrefix("Port \(taken) is taken by node ("))
            let killed = try #require(found.first { $0.process == "killed" })
            // The shell around it passes the signal on as its exit code.
            #expect(killed.exit.signal == 9 || killed.exit.code == 137)
            #expect(!killed.diagnosis.isCertain)
            let shown = try await sandbox.portless("crashes", "show", port.id)
            #expect(shown.output.contains("EADDRINUSE"))
            #expect(shown.output.contains("variables:"))
            #expect(!shown.output.contains(sandbox.environment["PATH"] ?? "?"))
            // The page's ports answer while the watcher is on, and ask for the token.
            let ui = Int(sandbox.environment["PORTLESS_CRASHES_UI_PORT"] ?? "") ?? 0
            let history = try await sandbox.curl(sandbox.api("/api/history", port: ui))
            #expect(history.body.contains("\"processName\":\"port\""))
            let refused = try await sandbox.curl(
                sandbox.api("/api/restart/port", port: ui),
                "-X",
                "POST",
                "-d",
                "{}",
                "-H",
                "Content-Type: application/json",
            )
            #expect(refused.status == 401)
            try await succeed(sandbox, "crashes", "off")
            #expect(FreePort.isFree(ui))
        }
    }

    @Test func `nothing is recorded and no port is open while the watcher is off`() async throws {
        try await with { sandbox in
            try writeProcesses(["api": "sh -c 'exit 3'"], sandbox)
            _ = try await sandbox.portless("up")
            let list = try await crashes(sandbox)
            #expect(list.crashes.isEmpty)
            #expect(!list.watching)
            #expect(!isOpen(sandbox.environment["PORTLESS_CRASHES_PORT"]))
            #expect(!isOpen(sandbox.environment["PORTLESS_CRASHES_UI_PORT"]))
        }
    }

    @Test func `the watcher's own page turns it off, and jobs that fail are no crashes`()
        async throws
    {
        try await with { sandbox in
            try await succeed(sandbox, "crashes", "on")
            let failed = try await sandbox.portless("jobs", "run", "--wait", "--", "false")
            #expect(failed.status == 1)
            #expect(try await crashes(sandbox).crashes.isEmpty)
            let page = try #require(Int(sandbox.environment["PORTLESS_CRASHES_UI_PORT"] ?? ""))
            for round in 1...3 {
                let off = try await sandbox.curl(
                    sandbox.api("/api/crashes/watcher", port: page),
                    "-X",
                    "PUT",
                    "-H",
                    "Authorization: Bearer \(sandbox.token)",
                    "-H",
                    "Content-Type: application/json",
                    "-d",
                    #"{"on": false}"#,
                )
                #expect(off.status == 200, "\(round): \(off.body)")
                try await eventually("the port is closed") { isOpen("\(page)") ? nil : () }
                try await succeed(sandbox, "crashes", "on")
                try await eventually("the port is open") { isOpen("\(page)") ? () : nil }
                #expect(
                    try await sandbox.curl(sandbox.api("/api/health", port: page)).status == 200
                )
            }
        }
    }

    @Test func `a crash while no server lives isn't lost`() async throws {
        try await with { sandbox in
            try sandbox.write(
                "require('http').createServer().listen(process.env.PORT); console.error('dying words')",
                to: "a.js",
            )
            try writeProcesses(["api": "node a.js"], sandbox)
            _ = try await git(sandbox, "init", "-q")
            _ = try await git(sandbox, "add", ".")
            _ = try await git(sandbox, "commit", "-qm", "first")
            try await succeed(sandbox, "crashes", "on")
            try await succeed(sandbox, "up")
            let app = try #require(
                ProcessTable.all.first { process in
                    process.arguments.hasPrefix("node a.js")
                        && process.environment.contains(sandbox.state.path())
                }
            )
            let holder = try #require(sandbox.server?.pid)
            kill(holder, SIGKILL)
            try await eventually("the server is gone") {
                ProcessTable.exists(holder) ? nil : ()
            }
            kill(app.id, SIGSEGV)
            // The keeper records it all the same.
            let crash = try await eventually("the crash is recorded") {
                try await crashes(sandbox).crashes.first
            }
            #expect(crash.exit.signal == 11)
            try await succeed(sandbox, "server", "start")
            try await eventually("the next server has looked at it") {
                let shown = try await sandbox.portless("crashes", "show", "--json")
                return shown.output.contains("\"head\"") && shown.output.contains("dying words")
                    ? () : nil
            }
            try await succeed(sandbox, "crashes", "restart")
            try await succeed(sandbox, "crashes", "clear")
            #expect(try await crashes(sandbox).crashes.isEmpty)
        }
    }

    // MARK: Autofix

    /// Brings up an app in a repository that crashes, and returns its crash once autofix is done.
    private func fix(
        _ sandbox: Sandbox,
        with script: String,
        _ options: String...,
    ) async throws -> Crash {
        try sandbox.write(
            """
            const fixed = false
            if (!fixed) throw new Error('broken')
            require('http').createServer().listen(process.env.PORT)

            """,
            to: "a.js",
        )
        try writeProcesses(["api": "node a.js"], sandbox)
        _ = try await git(sandbox, "init", "-q")
        _ = try await git(sandbox, "add", ".")
        _ = try await git(sandbox, "commit", "-qm", "first")
        try await succeed(sandbox, "crashes", "on")
        let set = try await sandbox.start(
            [Binary.path, "crashes", "autofix", "set"] + options + ["--", "sh", "-c", script]
        ).finished()
        try #require(set.status == 0, "\(set.talk)")
        _ = try await sandbox.portless("up", environment: ["API_TOKEN": "hidden"])
        let crash = try await eventually("autofix is done") {
            let crash = try await crashes(sandbox).crashes.last
            return crash?.patch.map { ["working", "applying"].contains($0.state) } == false
                ? crash : nil
        }
        // Nothing is left of the copy in which the command worked.
        let trees = try await git(sandbox, "worktree", "list")
        #expect(trees.split(separator: "\n").count == 1)
        let left = try FileManager.default
            .contentsOfDirectory(atPath: sandbox.state.appending(path: "crashes").path())
        #expect(!left.contains { $0.hasSuffix(".work") })
        return crash
    }

    private static let good = "sed -i.bak s/false/true/ a.js && rm a.js.bak"

    @Test func `a good patch waits, is applied by hand, and the app runs`() async throws {
        try await with { sandbox in
            // The command gets the record, and neither the app's nor the terminal's secrets.
            let script =
                "grep -q broken && test -z \"$API_TOKEN$PORTLESS_STATE_DIR\" && \(Self.good)"
            let crash = try await fix(sandbox, with: script, "--verify", "grep -q true a.js")
            #expect(crash.patch?.state == "staged", "\(crash)")
            let patch = try await sandbox.portless("crashes", "patch")
            #expect(patch.output.contains("+const fixed = true"))
            let before = try await git(sandbox, "status", "--porcelain")
            #expect(before.isEmpty)
            // A file with changes of the user's is left alone.
            try sandbox.write("// mine\n", to: "a.js")
            let refused = try await sandbox.portless("crashes", "apply")
            #expect(refused.status != 0)
            #expect(refused.talk.contains("a.js has changes that aren't committed"))
            _ = try await git(sandbox, "checkout", "-q", "a.js")
            let applied = try await sandbox.portless("crashes", "apply")
            #expect(applied.status == 0, "\(applied.talk)")
            let diff = try await git(sandbox, "diff")
            #expect(diff.contains("+const fixed = true"))
        }
    }

    @Test func `a patch with which the app doesn't run is taken back`() async throws {
        try await with { sandbox in
            let crash = try await fix(sandbox, with: "echo 'throw 1' >> a.js")
            #expect(crash.patch?.state == "staged", "\(crash)")
            let applied = try await sandbox.portless("crashes", "apply", crash.id)
            #expect(applied.status != 0)
            #expect(applied.talk.contains("The patch was taken back"))
            #expect(try await git(sandbox, "status", "--porcelain").isEmpty)
        }
    }

    @Test func `a hostile patch is refused`() async throws {
        try await with { sandbox in
            let script = "mkdir -p .github && echo x > .github/a.yml && ln -s /etc/passwd link"
            let crash = try await fix(sandbox, with: script)
            #expect(crash.patch?.state == "refused", "\(crash)")
            let apply = try await sandbox.portless("crashes", "apply")
            #expect(apply.status != 0)
            #expect(apply.talk.contains("No patch waits"))
        }
    }

    @Test func `a patch that isn't verified doesn't wait`() async throws {
        try await with { sandbox in
            let crash = try await fix(sandbox, with: Self.good, "--verify", "false")
            #expect(crash.patch?.state == "failed")
            #expect(crash.patch?.sentence.contains("isn't verified") == true)
        }
    }

    @Test func `a command that hangs is ended, with all that it started`() async throws {
        try await with { sandbox in
            let crash = try await fix(sandbox, with: "sleep 4711 & sleep 4711", "--timeout", "2")
            #expect(crash.patch?.state == "failed")
            #expect(crash.patch?.sentence.contains("didn't end within 2 s") == true)
            try await eventually("its processes are gone") {
                ProcessTable.all.contains {
                    $0.arguments.hasPrefix("sleep 4711")
                        && $0.environment.contains(sandbox.root.path())
                } ? nil : ()
            }
        }
    }
}
