import Foundation
import Testing

extension EndToEnd {
    /// `portless jobs`, its API and the original's routes, with real programs.
    @Suite struct JobTests {}
}

extension EndToEnd.JobTests {
    private struct Job: Decodable {
        let id: String
        let name: String?
        let state: String
        let pid: Int32?
        let exitCode: Int?
        let signal: Int?
        let durationMs: Int?
        let reason: String?

        var isActive: Bool { ["starting", "running", "stopping"].contains(state) }
    }

    /// A sandbox in which port 5558 is another one.
    private func withSandbox(_ body: (Sandbox, _ jobPort: Int) async throws -> Void) async throws {
        let port = try FreePort.next()
        try await Sandbox.with(["PORTLESS_JOBS_PORT": String(port)]) { sandbox in
            try await body(sandbox, port)
        }
    }

    private func job(_ result: Program.Result) throws -> Job {
        try #require(result.output.hasPrefix("{"), "\(result.status) \(result.talk)")
        return try JSONDecoder().decode(Job.self, from: Data(result.output.utf8))
    }

    private func run(_ sandbox: Sandbox, _ arguments: String...) async throws -> Job {
        try job(
            try await sandbox.start([Binary.path, "jobs", "run", "--json"] + arguments).finished()
        )
    }

    private func ended(_ sandbox: Sandbox, _ id: String) async throws -> Job {
        try await eventually("\(id) ends") {
            let job = try job(try await sandbox.portless("jobs", "show", id, "--json"))
            return job.isActive ? nil : job
        }
    }

    private func keeper(_ sandbox: Sandbox, _ id: String) -> Int32? {
        let object = try? JSONSerialization.jsonObject(
            with: Data(sandbox.stateFile("jobs/\(id)/keeper.json").utf8)
        )
        return ((object as? [String: Any])?["pid"] as? NSNumber)?.int32Value
    }

    private func killServer(_ sandbox: Sandbox) {
        for pid in [sandbox.server?.pid, sandbox.serverDaemonID].compactMap(\.self) {
            kill(pid, SIGKILL)
        }
    }

    @Test func `a job tells its exit code, its output and its environment`() async throws {
        try await withSandbox { sandbox, port in
            await #expect(throws: (any Error).self) {
                try await sandbox.curl("http://127.0.0.1:\(port)/health")
            }
            #expect(try await sandbox.portless("jobs", "list").status == 0)
            let failed = try await sandbox.portless(
                "jobs",
                "run",
                "--wait",
                "--name",
                "build",
                "--env",
                "WHO=me & you",
                "--json",
                "--",
                "python3",
                "-c",
                "import os, sys; print(os.environ['WHO'], os.environ['PORTLESS_JOB_NAME'], os.isatty(1)); sys.exit(7)",
            )
            #expect(failed.status == 7, "\(failed.talk)")
            let job = try job(failed)
            #expect(job.state == "failed" && job.exitCode == 7 && job.durationMs != nil)
            let logs = try await sandbox.portless("jobs", "logs", "build")
            #expect(logs.output == "me & you build False\n", "\(logs.talk)")
            #expect(try await sandbox.curl("http://127.0.0.1:\(port)/health").status == 200)
            #expect(try await sandbox.portless("ports").output.contains("job runner"))
            let terminal = try await run(
                sandbox,
                "--size",
                "100x30",
                "--wait",
                "--name",
                "tui",
                "--",
                "python3",
                "-c",
                "import os; print(os.isatty(0), os.isatty(1), os.get_terminal_size())",
            )
            #expect(terminal.state == "succeeded", "\(terminal)")
            let size = try await sandbox.portless("jobs", "logs", "tui").output
            #expect(size == "True True os.terminal_size(columns=100, lines=30)\n")
            let text = sandbox.project.appending(path: "text")
            try Data("from a file\n".utf8).write(to: text)
            let copied = try await run(sandbox, "--wait", "--input", "text", "--", "cat")
            #expect(
                try await sandbox.portless("jobs", "logs", copied.id).output == "from a file\n"
            )
            let piped = try await sandbox.start([
                "sh", "-c", "echo piped | \"$0\" jobs run --wait --name piped --input - -- cat",
                Binary.path,
            ]).finished()
            #expect(piped.status == 0, "\(piped.talk)")
            #expect(try await sandbox.portless("jobs", "logs", "piped").output == "piped\n")
            try Data(repeating: 97, count: 600 << 10)
                .write(to: sandbox.project.appending(path: "large"))
            try Data([0xFF, 0xFE]).write(to: sandbox.project.appending(path: "binary"))
            for wrong in [
                ["--input", "large", "--", "cat"], ["--input", "binary", "--", "cat"],
                ["--input", "nowhere", "--", "cat"], ["--input", "text", "--pty", "--", "cat"],
                ["--", "no-such-program"], ["--cwd", "/nowhere", "--", "true"],
                ["--name", "../x", "--", "true"], ["--timeout", "soon", "--", "true"],
                ["--env", "X", "--", "true"], [],
            ] {
                let result = try await sandbox.start([Binary.path, "jobs", "run"] + wrong)
                    .finished()
                #expect(result.status == 1, "\(wrong)")
                #expect(result.talk.hasPrefix("Error: "), "\(result.talk)")
            }
            #expect(try await sandbox.portless("jobs", "prune").output.contains("Forgot 4"))
        }
    }

    @Test func `jobs end whole: on request, by force, in time, and when their command does`()
        async throws
    {
        try await withSandbox { sandbox, _ in
            try sandbox.write(
                """
                import os, signal, sys, time
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                if os.fork() == 0:
                    os.setsid()
                    time.sleep(600)
                print('ready', flush=True)
                time.sleep(float(sys.argv[1]))
                """,
                to: "stubborn.py",
            )
            let stubborn = try await run(sandbox, "--", "python3", "stubborn.py", "600")
            let timed = try await run(
                sandbox,
                "--timeout",
                "1",
                "--",
                "python3",
                "stubborn.py",
                "600",
            )
            let brief = try await run(sandbox, "--", "python3", "stubborn.py", "0.2")
            for job in [stubborn, timed] {
                try await eventually("\(job) is ready") {
                    try await sandbox.portless("jobs", "logs", job.id).output
                        .contains("ready") ? true : nil
                }
            }
            let killed = try await sandbox.portless("jobs", "kill", stubborn.id)
            #expect(killed.status == 0, "\(killed.talk)")
            let stopped = try await ended(sandbox, stubborn.id)
            #expect(stopped.state == "stopped" && stopped.signal == 9, "\(stopped)")
            let late = try await ended(sandbox, timed.id)
            #expect(late.state == "timed-out" && late.signal == 9, "\(late)")
            let done = try await ended(sandbox, brief.id)
            #expect(done.state == "succeeded" && done.exitCode == 0, "\(done)")
            let left = ProcessTable.all.filter {
                $0.environment.contains(sandbox.state.appending(path: "jobs").path())
                    && $0.environment.contains("PORTLESS_JOB=")
            }
            #expect(left.isEmpty, "\(left.map(\.id))")
        }
    }

    @Test func `a job survives the server, and its keeper, and is reported once`() async throws {
        try await withSandbox { sandbox, _ in
            let gate = sandbox.project.appending(path: "gate")
            let script = """
                import os, sys, time
                print('begun', flush=True)
                while not os.path.exists('gate'): time.sleep(0.02)
                print('done', flush=True)
                sys.exit(3)
                """
            try sandbox.write(script, to: "wait.py")
            let first = try await run(sandbox, "--name", "first", "--", "python3", "wait.py")
            let second = try await run(sandbox, "--name", "second", "--", "python3", "wait.py")
            killServer(sandbox)
            // The keeper of the second one dies, too; its successor can't be told the exit code.
            if let keeper = keeper(sandbox, second.id) { kill(keeper, SIGKILL) }
            try await eventually("the second one has a keeper again") {
                let job = try job(try await sandbox.portless("jobs", "show", "second", "--json"))
                return job.state == "running" && job.pid == second.pid ? true : nil
            }
            let again = try await sandbox.portless("jobs", "run", "--name", "first", "--", "true")
            #expect(again.status == 1 && again.talk.contains("runs already"), "\(again.talk)")
            killServer(sandbox)
            try Data().write(to: gate)
            let one = try await ended(sandbox, first.id)
            #expect(one.state == "failed" && one.exitCode == 3, "\(one)")
            let two = try await ended(sandbox, second.id)
            #expect(two.state == "lost" && two.exitCode == nil, "\(two)")
            for name in ["first", "second"] {
                let lines = try await sandbox.portless("jobs", "logs", "-f", name).output
                #expect(lines == "begun\ndone\n", "\(name)")
            }
            // A plan whose keeper was never started.
            let folder = sandbox.state.appending(path: "jobs/\(one.id)")
            killServer(sandbox)
            if let keeper = keeper(sandbox, one.id) { kill(keeper, SIGKILL) }
            for name in ["status.json", "keeper.json"] {
                try? FileManager.default.removeItem(at: folder.appending(path: name))
            }
            #expect(try await ended(sandbox, one.id).state == "lost")
        }
    }

    @Test func `an exit that no server was told of isn't lost with keeper and server`() async throws
    {
        try await withSandbox { sandbox, _ in
            let gate = sandbox.project.appending(path: "gate")
            let script = "while ! test -e gate; do sleep 0.05; done; echo done; exit 7"
            let begun = try await run(sandbox, "--", "sh", "-c", script)
            // A server that doesn't read learns nothing.
            if let daemon = sandbox.serverDaemonID { kill(daemon, SIGSTOP) }
            try Data().write(to: gate)
            try await eventually("the exit is on disk") {
                sandbox.stateFile("jobs/\(begun.id)/status.json").contains("\"code\"") ? () : nil
            }
            if let keeper = keeper(sandbox, begun.id) { kill(keeper, SIGKILL) }
            killServer(sandbox)
            let job = try await ended(sandbox, begun.id)
            #expect(job.state == "failed" && job.exitCode == 7, "\(job)")
            #expect(try await sandbox.portless("jobs", "logs", job.id).output == "done\n")
            #expect(try await sandbox.portless("jobs", "wait", job.id).status == 7)
        }
    }

    @Test func `a hundred MiB of output stay bounded, and the last line is there`() async throws {
        try await withSandbox { sandbox, _ in
            let job = try await run(
                sandbox,
                "--wait",
                "--",
                "python3",
                "-c",
                "for n in range(102400): print(str(n).rjust(1023))",
            )
            #expect(job.state == "succeeded", "\(job)")
            let logs = try await sandbox.portless("jobs", "logs", "-n", "1", job.id).output
            #expect(logs.trimmingCharacters(in: .whitespacesAndNewlines) == "102399")
            let folder = sandbox.state.appending(path: "jobs/\(job.id)/logs")
            let files = try FileManager.default.contentsOfDirectory(
                at: folder,
                includingPropertiesForKeys: [.fileSizeKey],
            )
            let size = try files.map {
                try $0.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
            }
            .reduce(0, +)
            #expect(size < 20 << 20)
        }
    }

    @Test func `the original's routes, and an allowlist without a way around it`() async throws {
        try await withSandbox { sandbox, port in
            try await sandbox.startServer()
            @Sendable func post(_ path: String, _ body: String, port: Int) async throws -> Int {
                try await sandbox.curl(
                    "http://localhost:\(port)\(path)",
                    "-X",
                    "POST",
                    "-H",
                    "Authorization: Bearer \(sandbox.token)",
                    "-H",
                    "Content-Type: application/json",
                    "-d",
                    body,
                ).status
            }
            let folder = sandbox.project.path()
            let first = #"{"command": ["true"], "directory": "\#(folder)"}"#
            #expect(try await post("/api/jobs", first, port: sandbox.apiPort) == 201)
            func agent(_ id: String, _ more: String) -> String {
                #"{"agentId": "\#(id)", "taskId": "t", "workspacePath": "\#(folder)", \#(more)}"#
            }
            let sleep = agent("a1", #""cliCommand": "sleep", "cliArgs": ["600"]"#)
            // Two at once with the same name.
            async let one = post("/spawn", sleep, port: port)
            async let two = post("/spawn", sleep, port: port)
            #expect(try await [one, two].sorted() == [200, 409])
            #expect(try await post("/spawn", #"{"agentId": "a2"}"#, port: port) == 400)
            let missing = agent("a2", #""cliCommand": "no-such-program""#)
            #expect(try await post("/spawn-tui", missing, port: port) == 422)
            let agents = try await sandbox.curl("http://localhost:\(port)/agents")
            #expect(agents.body.contains(#""agentId":"a1""#), "\(agents.body)")
            let foreign = try await sandbox.curl(
                "http://localhost:\(port)/agents",
                "-H",
                "Host: evil.example",
            )
            #expect(foreign.status == 403)
            let unsigned = try await sandbox.curl(
                "http://localhost:\(port)/terminate-all",
                "-X",
                "POST",
                "-H",
                "Content-Type: application/json",
                "-d",
                "{}",
            )
            #expect(unsigned.status == 401)
            #expect(
                try await post("/btw/a1", #"{"message": "hello"}"#, port: port) == 200
            )
            #expect(
                try String(contentsOf: sandbox.project.appending(path: "BTW.md"), encoding: .utf8)
                    == "hello\n"
            )
            #expect(try await post("/terminate/a1", "{}", port: port) == 200)
            #expect(try await post("/kill/unknown", "{}", port: port) == 404)

            try Data(#"{"jobs": {"allow": ["sleep"]}}"#.utf8)
                .write(to: sandbox.state.appending(path: "config.json"))
            try sandbox.write("#!/bin/sh\ntouch escaped\n", to: "sleep")
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755],
                ofItemAtPath: sandbox.project.appending(path: "sleep").path(),
            )
            for wrong in [
                #""cliCommand": "sh""#, #""cliCommand": "./sleep""#,
                #""cliCommand": "\#(folder)/sleep""#,
                #""cliCommand": "sleep", "envVars": {"PATH": "\#(folder)"}"#,
                #""cliCommand": "sleep", "envVars": {"LD_PRELOAD": "x.so"}"#,
            ] {
                let status = try await post("/spawn", agent("a3", wrong), port: port)
                #expect([403, 422].contains(status), "\(wrong): \(status)")
            }
            let tricked = try await sandbox.portless(
                "jobs",
                "run",
                "--wait",
                "--",
                "sleep",
                "0",
                environment: ["PATH": folder],
            )
            #expect(tricked.status == 0, "\(tricked.talk)")
            let files = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(!files.contains("escaped"))
        }
    }
}
