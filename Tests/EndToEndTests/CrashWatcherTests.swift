import Foundation
import Testing

extension EndToEnd {
    /// Apps that crash, what is recorded of it, and patches that a command makes.
    @Suite struct CrashWatcherTests {}
}

extension EndToEnd.CrashWatcherTests {
    private func isOpen(_ port: String?) -> Bool {
        port.flatMap { Int($0) }.map { !FreePort.isFree($0) } ?? false
    }

    @Test func `each crash is recorded with its cause`() async throws {
        try await Sandbox.withCrashes { sandbox in
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
            try sandbox.writeProcesses(
                [
                    "port": "node port.js", "module": "node module.js",
                    "syntax": "node syntax.js", "file": "node file.js", "db": "node db.js",
                    "env": "python3 env.py", "python": "python3 module.py",
                    "memory": "node --max-old-space-size=20 memory.js",
                    "command": "sh -c 'no-such-program; exit $?'",
                    "killed": "sh -c 'kill -9 $$'",
                    "denied": "sh -c ./script", "fine": "sh -c 'exit 0'",
                ]
            )
            try await sandbox.succeed("crashes", "on")
            _ = try await sandbox.portless("up")
            let expected = [
                "port": "port-taken", "module": "module-missing", "syntax": "syntax",
                "file": "file-missing", "db": "database-down", "env": "variable-missing",
                "python": "module-missing", "memory": "out-of-memory",
                "command": "command-missing", "killed": "killed", "denied": "interpreter",
            ]
            let found = try await eventually("all crashes are recorded") {
                let found = try await sandbox.crashes().crashes
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
            try await sandbox.succeed("crashes", "off")
            #expect(FreePort.isFree(ui))
        }
    }

    @Test func `nothing is recorded and no port is open while the watcher is off`() async throws {
        try await Sandbox.withCrashes { sandbox in
            try sandbox.writeProcesses(["api": "sh -c 'exit 3'"])
            _ = try await sandbox.portless("up")
            let list = try await sandbox.crashes()
            #expect(list.crashes.isEmpty)
            #expect(!list.watching)
            #expect(!isOpen(sandbox.environment["PORTLESS_CRASHES_PORT"]))
            #expect(!isOpen(sandbox.environment["PORTLESS_CRASHES_UI_PORT"]))
        }
    }

    @Test func `the watcher's own page turns it off, and jobs that fail are no crashes`()
        async throws
    {
        try await Sandbox.withCrashes { sandbox in
            try await sandbox.succeed("crashes", "on")
            let failed = try await sandbox.portless("jobs", "run", "--wait", "--", "false")
            #expect(failed.status == 1)
            #expect(try await sandbox.crashes().crashes.isEmpty)
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
                try await sandbox.succeed("crashes", "on")
                try await eventually("the port is open") { isOpen("\(page)") ? () : nil }
                #expect(
                    try await sandbox.curl(sandbox.api("/api/health", port: page)).status == 200
                )
            }
        }
    }

    @Test func `a crash while no server lives isn't lost`() async throws {
        try await Sandbox.withCrashes { sandbox in
            try sandbox.write(
                "console.error('dying words'); require('http').createServer().listen(process.env.PORT)",
                to: "a.js",
            )
            try sandbox.writeProcesses(["api": "node a.js"])
            _ = try await sandbox.git("init", "-q")
            _ = try await sandbox.git("add", ".")
            _ = try await sandbox.git("commit", "-qm", "first")
            try await sandbox.succeed("crashes", "on")
            try await sandbox.succeed("up")
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
                try await sandbox.crashes().crashes.first
            }
            #expect(crash.exit.signal == 11)
            try await sandbox.succeed("server", "start")
            try await eventually("the next server has looked at it") {
                let shown = try await sandbox.portless("crashes", "show", "--json")
                return shown.output.contains("\"head\"") && shown.output.contains("dying words")
                    ? () : nil
            }
            try await sandbox.succeed("crashes", "restart")
            try await sandbox.succeed("crashes", "clear")
            #expect(try await sandbox.crashes().crashes.isEmpty)
        }
    }

    @Test func `the original's page follows the logs of its processes and stops them`() async throws
    {
        try await Sandbox.withCrashes { sandbox in
            try sandbox.writeProcesses([
                "api": "sh -c 'echo begun; echo trouble >&2; exec python3 -m http.server $PORT'"
            ])
            try await sandbox.succeed("crashes", "on")
            try await sandbox.succeed("up")
            let page = try #require(Int(sandbox.environment["PORTLESS_CRASHES_UI_PORT"] ?? ""))
            let logs = try sandbox.start([
                "curl", "-sN", "--max-time", "60",
                sandbox.api("/logs?process=api", port: page),
            ])
            defer { logs.send(SIGKILL) }
            try await eventually("both lines come as events") {
                logs.output.contains("\"message\":\"begun\"")
                    && logs.output.contains("\"stream\":\"err\"") ? () : nil
            }
            #expect(logs.output.contains("\"type\":\"log\""), "\(logs.output)")
            for name in ["unknown", "..%2Fapi"] {
                let answer = try await sandbox.curl(
                    sandbox.api("/logs?process=\(name)", port: page)
                )
                #expect([400, 404].contains(answer.status), "\(name): \(answer.status)")
            }
            func stop(_ name: String, _ first: String, _ second: String) async throws -> Int {
                try await sandbox.curl(
                    sandbox.api("/api/stop/\(name)", port: page),
                    "-X",
                    "POST",
                    "-d",
                    "{}",
                    "-H",
                    "Content-Type: application/json",
                    "-H",
                    first,
                    "-H",
                    second,
                ).status
            }
            let token = "Authorization: Bearer \(sandbox.token)"
            let (none, foreign) = ("X-Nothing: 1", "Origin: http://evil.example")
            #expect(try await stop("api", none, none) == 401)
            #expect(try await stop("api", token, foreign) == 403)
            #expect(try await stop("unknown", token, none) == 404)
            #expect(try await stop("api", token, none) == 200)
            let list = try await sandbox.portless("ps").output
            #expect(list.contains("stopped"), "\(list)")
            #expect(try await sandbox.crashes().crashes.isEmpty)
        }
    }
}
