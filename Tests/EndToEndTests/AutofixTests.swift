import Foundation
import Testing

extension EndToEnd {
    /// Patches that a command makes for a crash, and what becomes of them when servers are killed.
    @Suite struct AutofixTests {}
}

extension EndToEnd.AutofixTests {
    /// Brings up an app in a repository that crashes, with a shell script as autofix's command.
    private func crash(
        _ sandbox: Sandbox,
        with script: String,
        _ options: [String] = [],
    ) async throws {
        try sandbox.write(
            """
            const fixed = false
            if (!fixed) throw new Error('broken')
            require('http').createServer().listen(process.env.PORT)

            """,
            to: "a.js",
        )
        try sandbox.writeProcesses(["api": "node a.js"])
        _ = try await sandbox.git("init", "-q")
        _ = try await sandbox.git("add", ".")
        _ = try await sandbox.git("commit", "-qm", "first")
        try await sandbox.succeed("crashes", "on")
        let set = try await sandbox.start(
            [Binary.path, "crashes", "autofix", "set"] + options + ["--", "sh", "-c", script]
        ).finished()
        try #require(set.status == 0, "\(set.talk)")
        _ = try await sandbox.portless("up", environment: ["API_TOKEN": "hidden"])
    }

    /// The first crash once its patch is in one of the states.
    private func crash(_ sandbox: Sandbox, is states: String...) async throws -> CrashList.Crash {
        try await eventually("the patch is \(states)") {
            let crash = try await sandbox.crashes().crashes.last
            return crash?.patch.map { states.contains($0.state) } == true ? crash : nil
        }
    }

    /// The same, once autofix is done with it.
    private func fix(
        _ sandbox: Sandbox,
        with script: String,
        _ options: String...,
    ) async throws -> CrashList.Crash {
        try await crash(sandbox, with: script, options)
        let crash = try await crash(
            sandbox,
            is: "staged",
            "refused",
            "failed",
            "applied",
            "reverted",
        )
        try await expectNothingLeft(sandbox)
        return crash
    }

    /// Nothing is left of the copy in which the command worked.
    private func expectNothingLeft(_ sandbox: Sandbox) async throws {
        let trees = try await sandbox.git("worktree", "list")
        #expect(trees.split(separator: "\n").count == 1)
        let left = try FileManager.default
            .contentsOfDirectory(atPath: sandbox.state.appending(path: "crashes").path())
        #expect(!left.contains { $0.hasSuffix(".work") })
    }

    private func open(_ gate: String, _ sandbox: Sandbox) throws {
        try Data().write(to: sandbox.root.appending(path: "home/\(gate)"))
    }

    private static func wait(for gate: String) -> String {
        "while ! test -e \"$HOME/\(gate)\"; do sleep 0.05; done"
    }

    private static let good = "sed -i.bak s/false/true/ a.js && rm a.js.bak"

    @Test func `a good patch waits, is applied by hand, and the app runs`() async throws {
        try await Sandbox.withCrashes { sandbox in
            // The command gets the record, and neither the app's nor the terminal's secrets.
            let script =
                "grep -q broken && test -z \"$API_TOKEN$PORTLESS_STATE_DIR$GIT_AUTHOR_NAME\" "
                + "&& \(Self.good)"
            let crash = try await fix(sandbox, with: script, "--verify", "grep -q true a.js")
            #expect(crash.patch?.state == "staged", "\(crash)")
            let patch = try await sandbox.portless("crashes", "patch")
            #expect(patch.output.contains("+const fixed = true"))
            let before = try await sandbox.git("status", "--porcelain")
            #expect(before.isEmpty)
            // A file with changes of the user's is left alone.
            try sandbox.write("// mine\n", to: "a.js")
            let refused = try await sandbox.portless("crashes", "apply")
            #expect(refused.status != 0)
            #expect(refused.talk.contains("a.js has changes that aren't committed"))
            _ = try await sandbox.git("checkout", "-q", "a.js")
            let applied = try await sandbox.portless("crashes", "apply")
            #expect(applied.status == 0, "\(applied.talk)")
            let diff = try await sandbox.git("diff")
            #expect(diff.contains("+const fixed = true"))
        }
    }

    @Test func `a patch with which the app doesn't run is taken back`() async throws {
        try await Sandbox.withCrashes { sandbox in
            let crash = try await fix(sandbox, with: "echo 'throw 1' >> a.js")
            #expect(crash.patch?.state == "staged", "\(crash)")
            let applied = try await sandbox.portless("crashes", "apply", crash.id)
            #expect(applied.status != 0)
            #expect(applied.talk.contains("The patch was taken back"))
            #expect(try await sandbox.git("status", "--porcelain").isEmpty)
        }
    }

    @Test func `a hostile patch is refused`() async throws {
        try await Sandbox.withCrashes { sandbox in
            let script = "mkdir -p .github && echo x > .github/a.yml && ln -s /etc/passwd link"
            let crash = try await fix(sandbox, with: script)
            #expect(crash.patch?.state == "refused", "\(crash)")
            let apply = try await sandbox.portless("crashes", "apply")
            #expect(apply.status != 0)
            #expect(apply.talk.contains("No patch waits"))
        }
    }

    @Test func `a patch that isn't verified doesn't wait`() async throws {
        try await Sandbox.withCrashes { sandbox in
            let crash = try await fix(sandbox, with: Self.good, "--verify", "false")
            #expect(crash.patch?.state == "failed")
            #expect(crash.patch?.sentence.contains("isn't verified") == true)
        }
    }

    @Test func `a command that hangs is ended, with all that it started`() async throws {
        try await Sandbox.withCrashes { sandbox in
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

    // MARK: Ends of servers

    @Test func `the command is a job: it is listed, outlives servers, and can be stopped`()
        async throws
    {
        try await Sandbox.withCrashes { sandbox in
            let script = "\(Self.wait(for: "first")); \(Self.good)"
            let verify = "sh -c '\(Self.wait(for: "second"))'"
            try await crash(sandbox, with: script, ["--verify", verify])
            for (gate, verb) in [("first", "works on it"), ("second", "verifies the patch")] {
                let job = try await eventually("it \(verb)") {
                    let crash = try await sandbox.crashes().crashes.last
                    let patch = crash?.patch
                    return patch?.sentence.contains(verb) == true ? patch?.job : nil
                }
                let jobs = try await sandbox.portless("jobs", "list", "--json").output
                #expect(jobs.contains(job), "\(jobs)")
                try await sandbox.killServer()
                try open(gate, sandbox)
                _ = try await sandbox.portless("jobs", "wait", job)
            }
            _ = try await crash(sandbox, is: "staged")
            try await expectNothingLeft(sandbox)
            #expect(try await sandbox.portless("crashes", "patch").output.contains("fixed = true"))
        }
        try await Sandbox.withCrashes { sandbox in
            try await crash(sandbox, with: "sleep 600")
            let name = try await eventually("the job runs") {
                try await sandbox.crashes().crashes.last?.patch?.job
            }
            try await sandbox.succeed("jobs", "stop", name)
            let stopped = try await crash(sandbox, is: "failed")
            #expect(stopped.patch?.sentence.contains("was stopped") == true, "\(stopped)")
            try await expectNothingLeft(sandbox)
            // The process has had its try.
            try await sandbox.succeed("crashes", "restart")
            let next = try await eventually("the next crash is left out") {
                let crashes = try await sandbox.crashes().crashes
                return crashes.first { $0.patch?.state == "skipped" }
            }
            #expect(next.patch?.sentence.contains("30 minutes") == true, "\(next)")
            let jobs = try await sandbox.portless("jobs", "list", "--json").output
            #expect(jobs.components(separatedBy: "\"autofix-").count == 2, "\(jobs)")
        }
    }

    @Test func `a server that is killed while git applies a patch leaves all of it or nothing`()
        async throws
    {
        try await Sandbox.withCrashes { sandbox in
            let staged = try await fix(sandbox, with: Self.good)
            #expect(staged.patch?.state == "staged", "\(staged)")
            let git = sandbox.tools.appending(path: "git")
            try Data(
                """
                #!/bin/sh
                case "$*" in
                *--check*) ;;
                *" apply "*) touch "$HOME/begun"; \(Self.wait(for: "gate")) ;;
                esac
                exec /usr/bin/git "$@"

                """.utf8
            ).write(to: git)
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755],
                ofItemAtPath: git.path(),
            )
            let apply = try sandbox.start([Binary.path, "crashes", "apply"])
            try await eventually("git has begun") {
                FileManager.default.fileExists(
                    atPath: sandbox.root.appending(path: "home/begun").path()
                ) ? () : nil
            }
            try await sandbox.killServer()
            _ = try await apply.finished()
            try await sandbox.startServer()
            // The next server waits for git.
            try await Task.sleep(for: .seconds(1))
            #expect(try await sandbox.crashes().crashes.last?.patch?.state == "applying")
            #expect(try await sandbox.git("status", "--porcelain").isEmpty)
            try open("gate", sandbox)
            _ = try await crash(sandbox, is: "applied")
            #expect(try await sandbox.git("diff").contains("+const fixed = true"))
            #expect(try await sandbox.portless("ps").output.contains("online"))
        }
    }
}
