import Foundation
import Testing

extension EndToEnd {
    /// One proxy takes another one's place: by hand, by an upgrade, after a crash.
    @Suite struct RestartTests {}
}

extension EndToEnd.RestartTests {
    private func version(_ sandbox: Sandbox) async throws -> String? {
        let head = try await sandbox.run(
            "curl",
            "-sSI",
            "--noproxy",
            "*",
            "http://127.0.0.1:\(sandbox.port)/",
        )
        let line = head.split(whereSeparator: \.isNewline)
            .first { $0.hasPrefix("x-portless-version: ") }
        return line.map { String($0.dropFirst("x-portless-version: ".count)) }
    }

    @Test func `an upgrade loses no request, no download and no WebSocket`() async throws {
        try await Sandbox.with { sandbox in
            let program = sandbox.root.appending(path: "portless")
            try FileManager.default.copyItem(atPath: Binary.path, toPath: program.path())
            try await sandbox.run(program.path(), "proxy", "start")
            let old = try #require(sandbox.proxyDaemonID)
            for (name, script) in [
                ("echo", "node-http.js"), ("big", "big.js"), ("ws", "websocket-server.js"),
            ] {
                _ = try sandbox.start([program.path(), name, "node", Apps.path(script)])
                try await sandbox.answer(sandbox.url(name) + "/1")
            }
            let upgrade = sandbox.root.appending(path: "upgrade")
            try await OtherVersion.install("0.2.0", at: upgrade, sandbox)
            let go = sandbox.root.appending(path: "go")
            let size = 24 << 20
            let download = try sandbox.start([
                "curl", "-sS", "--noproxy", "*", "--cacert", sandbox.authority, "--limit-rate",
                "8M", "-o", "/dev/null", "-w", "%{size_download}",
                sandbox.url("big") + "/download/\(size)",
            ])
            let requests = try sandbox.start([
                "python3", Apps.path("requests-until.py"), sandbox.url("echo") + "/",
                sandbox.authority, go.path(),
            ])
            let socket = try sandbox.start([
                "python3", Apps.path("websocket-hold.py"), sandbox.url("ws", scheme: "wss") + "/",
                sandbox.authority, go.path(),
            ])
            for client in [requests, socket] {
                try await eventually("it has begun; \(client.talk)") {
                    client.output.isEmpty ? nil : ()
                }
            }

            try #require(rename(upgrade.path(), program.path()) == 0)
            let restart = try await sandbox.run(program.path(), "proxy", "restart")
            #expect(restart == "Proxy restarted on port \(sandbox.port).\n")
            let new = try #require(sandbox.proxyDaemonID)
            #expect(new != old)
            #expect(try await version(sandbox) == "0.2.0")
            #expect(download.status == nil, "the download was over before the restart")
            // The one before has closed the door by now, and answers only whom it let in.
            try await eventually("only the holder and the new proxy listen") {
                let holders = try await sandbox.run(
                    "lsof",
                    "-nP",
                    "-t",
                    "-iTCP:\(sandbox.port)",
                    "-sTCP:LISTEN",
                )
                let expected = [sandbox.proxyID, new].compactMap(\.self).sorted()
                let actual = holders.split(separator: "\n").compactMap { Int32($0) }.sorted()
                return actual == expected ? () : nil
            }
            try Data().write(to: go)

            let downloaded = try await download.finished()
            #expect(downloaded.output == String(size), "\(downloaded.talk)")
            let told = try await requests.finished().output
            #expect(told.hasSuffix("answers True failures []\n"), "\(told)")
            #expect(try await socket.finished().output == "open\nechoed\n")
            try await eventually("the old proxy ends once its connections have") {
                ProcessTable.exists(old) ? nil : ()
            }
            #expect(sandbox.proxyDaemonID == new)
        }
    }

    @Test func `a newer command restarts an older proxy and says so, an older one doesn't`()
        async throws
    {
        try await Sandbox.with { sandbox in
            try await sandbox.portless("proxy", "start")
            let old = try #require(sandbox.proxyDaemonID)
            let newer = sandbox.root.appending(path: "newer")
            try await OtherVersion.install("0.2.0", at: newer, sandbox)
            let run = try await sandbox.start([newer.path(), "myapp", "true"]).finished()
            #expect(run.status == 0, "\(run.talk)")
            let lines = run.talk.split(separator: "\n").filter { $0.contains("0.2.0") }
            #expect(lines.count == 1)
            #expect(lines.first?.contains(OtherVersion.own) == true)
            let new = try #require(sandbox.proxyDaemonID)
            #expect(new != old)
            #expect(try await version(sandbox) == "0.2.0")

            let older = try await sandbox.portless("myapp", "true")
            #expect(older.status == 0)
            #expect(!older.talk.contains("0.2.0"))
            #expect(sandbox.proxyDaemonID == new)
        }
    }

    @Test func `the original's proxy is never restarted`() async throws {
        try await Sandbox.with { sandbox in
            let original = try sandbox.start([
                "python3", Apps.path("original-proxy.py"), String(sandbox.port),
            ])
            try FileManager.default.createDirectory(
                at: sandbox.state,
                withIntermediateDirectories: true,
            )
            for (name, text) in [
                ("proxy.pid", "\(original.processID)"), ("proxy.port", "\(sandbox.port)"),
            ] {
                try Data(text.utf8).write(to: sandbox.state.appending(path: name))
            }
            try await eventually("it listens; \(original.talk)") {
                let probe = try await sandbox.start([
                    "curl", "-sI", "http://127.0.0.1:\(sandbox.port)/",
                ]).finished()
                return probe.output.contains("X-Portless: 1") ? () : nil
            }
            let run = try await sandbox.portless("myapp", "true")
            #expect(run.status == 0, "\(run.talk)")
            #expect(!run.talk.contains("restart"))
            let restart = try await sandbox.portless("proxy", "restart")
            #expect(restart.status == 1)
            #expect(original.status == nil)
            #expect(sandbox.proxyID == original.processID)
            original.send(SIGKILL)
        }
    }

    @Test func `a successor that can't start leaves the old proxy serving`() async throws {
        try await Sandbox.with { sandbox in
            let program = sandbox.root.appending(path: "portless")
            try FileManager.default.copyItem(atPath: Binary.path, toPath: program.path())
            try await sandbox.run(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=own",
                "-keyout",
                "key.pem",
                "-out",
                "cert.pem",
            )
            try await sandbox.run(
                program.path(),
                "proxy",
                "start",
                "--cert",
                "cert.pem",
                "--key",
                "key.pem",
            )
            let proxy = try #require(sandbox.proxyDaemonID)
            try FileManager.default.removeItem(at: sandbox.project.appending(path: "key.pem"))
            let restart = try await sandbox.start([program.path(), "proxy", "restart"]).finished()
            #expect(restart.status == 1)
            #expect(restart.talk.contains("goes on as it is"))
            #expect(sandbox.stateFile("proxy.log").contains("key.pem"))
            #expect(sandbox.proxyDaemonID == proxy)
            #expect(try await sandbox.curl(sandbox.url("x"), "-k").status == 404)
        }
    }

    @Test func `a proxy in a terminal is restarted there`() async throws {
        try await Sandbox.with { sandbox in
            let proxy = try sandbox.startPortless("proxy", "start", "--foreground")
            try await proxy.waitForTalk("proxy listening")
            let old = try #require(sandbox.proxyDaemonID)
            let restart = try await sandbox.portless("proxy", "restart")
            #expect(restart.status == 0, "\(restart.talk)")
            #expect(sandbox.proxyDaemonID != old)
            #expect(proxy.talk.split(separator: "\n").count { $0.contains("listening") } == 2)
            #expect(proxy.status == nil)
            proxy.send(SIGTERM)
            #expect(try await proxy.finished().status == 0)
            #expect(sandbox.stateFile("proxy.pid") == "")
        }
    }

    @Test func `a restart without a proxy starts one`() async throws {
        try await Sandbox.with { sandbox in
            let restart = try await sandbox.portless("proxy", "restart")
            #expect(restart.status == 0)
            #expect(restart.output.contains("proxy started on port \(sandbox.port)"))
        }
    }

    @Test func `many terminals at once start one proxy`() async throws {
        try await Sandbox.with { sandbox in
            let starts = try (0..<8).map { _ in try sandbox.startPortless("proxy", "start") }
            var outputs: [String] = []
            for start in starts {
                let result = try await start.finished()
                #expect(result.status == 0, "\(result.talk)")
                outputs.append(result.output)
            }
            #expect(outputs.count { $0.contains("proxy started") } == 1)
            #expect(outputs.count { $0.contains("already running") } == 7)
            let proxies = ProcessTable.all.filter {
                $0.environment.contains(sandbox.state.path()) && $0.arguments.contains("--detached")
            }
            #expect(
                Set(proxies.map(\.id))
                    == Set([sandbox.proxyID, sandbox.proxyDaemonID].compactMap(\.self))
            )
        }
    }

    @Test func `what a crash has left behind misleads no command`() async throws {
        try await Sandbox.with { sandbox in
            // The number of the dead proxy is another process's by now.
            let bystander = try sandbox.start(["sleep", "1000"])
            try FileManager.default.createDirectory(
                at: sandbox.state,
                withIntermediateDirectories: true,
            )
            for (name, text) in [
                ("proxy.pid", "\(bystander.processID)"), ("proxy.port", "\(sandbox.port)"),
                ("proxy.tls", "1"), ("proxy.tlds", "old.test\n"), ("proxy.tld", "old.test"),
            ] {
                try Data(text.utf8).write(to: sandbox.state.appending(path: name))
            }
            let stop = try await sandbox.portless("proxy", "stop")
            #expect(stop.output.contains("not running"))
            #expect(bystander.status == nil)
            let start = try await sandbox.portless("proxy", "start", "--no-tls")
            #expect(start.status == 0, "\(start.talk)")
            #expect(sandbox.stateFile("proxy.tls") == "")
            #expect(sandbox.stateFile("proxy.tlds") == "")
            #expect(try await sandbox.portless("get", "myapp").output.contains("myapp.localhost"))
            #expect(bystander.status == nil)
            bystander.send(SIGKILL)
        }
    }
}
