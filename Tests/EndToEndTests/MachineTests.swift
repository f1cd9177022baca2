import Foundation
import Testing

extension EndToEnd {
    /// What changes the machine, on files and folders that stand in for the machine's.
    @Suite struct MachineTests {}
}

extension EndToEnd.MachineTests {
    private func withMachine(_ body: (Sandbox, URL, URL) async throws -> Void) async throws {
        try await Sandbox.withMachine(body)
    }

    @Test func `trust, its status and untrust tell the truth`() async throws {
        try await withMachine { sandbox, anchors, _ in
            let none = try await sandbox.portless("trust", "--status")
            #expect(none.status == 1)
            #expect(none.talk.contains("CA certificate not found"))

            let trust = try await sandbox.portless("trust")
            #expect(trust.status == 0, "\(trust.output)\(trust.talk)")
            let anchor = try Data(contentsOf: anchors.appending(path: "portless-ca.crt"))
            #expect(anchor == (try Data(contentsOf: sandbox.state.appending(path: "ca.pem"))))
            #expect(sandbox.stateFile("ca.trusted").count == 65)
            #expect(try await sandbox.portless("trust", "--status").output.contains("trusted"))

            #expect(try await sandbox.portless("untrust").status == 0)
            #expect(try FileManager.default.contentsOfDirectory(atPath: anchors.path()) == [])
            #expect(sandbox.stateFile("ca.trusted") == "")
            #expect(sandbox.stateFile("ca.pem").contains("BEGIN CERTIFICATE"))
        }
    }

    @Test func `hosts sync writes both families and hosts clean removes them`() async throws {
        try await withMachine { sandbox, _, hosts in
            #expect(
                try await sandbox.portless("hosts", "sync").output.contains("No active routes")
            )
            try await sandbox.portless("alias", "db", "5432")
            #expect(try await sandbox.portless("hosts", "sync").status == 0)
            let text = try String(contentsOf: hosts, encoding: .utf8)
            #expect(text.hasPrefix("127.0.0.1 localhost\n"))
            #expect(text.contains("127.0.0.1 db.localhost\n::1 db.localhost\n"))
            try await sandbox.portless("alias", "--remove", "db")
            #expect(try await sandbox.portless("hosts", "sync").status == 0)
            #expect(try String(contentsOf: hosts, encoding: .utf8) == "127.0.0.1 localhost\n")
            try await sandbox.portless("alias", "db", "5432")
            try await sandbox.portless("hosts", "sync")
            #expect(try await sandbox.portless("hosts", "clean").status == 0)
            #expect(try String(contentsOf: hosts, encoding: .utf8) == "127.0.0.1 localhost\n")
            let wrong = try await sandbox.portless("hosts", "bogus")
            #expect(wrong.status == 1)
            #expect(wrong.talk.contains("Unknown hosts subcommand"))
        }
    }

    @Test func `names get into the hosts file by themselves where that is allowed`() async throws {
        try await withMachine { sandbox, _, hosts in
            let sync = ["PORTLESS_SYNC_HOSTS": "1"]
            let app = try sandbox.startPortless(
                "myapp",
                "node",
                Apps.path("node-http.js"),
                environment: sync,
            )
            try await sandbox.answer(sandbox.url("myapp"))
            let text = try String(contentsOf: hosts, encoding: .utf8)
            #expect(text.contains("::1 myapp.localhost"))
            app.send(SIGTERM)
            _ = try await app.finished()
            #expect(try String(contentsOf: hosts, encoding: .utf8) == "127.0.0.1 localhost\n")
        }
    }

    @Test func `clean undoes everything and leaves other files alone`() async throws {
        try await withMachine { sandbox, anchors, hosts in
            try await sandbox.portless("trust")
            _ = try sandbox.startPortless("myapp", "node", Apps.path("node-http.js"))
            try await sandbox.answer(sandbox.url("myapp"))
            try await sandbox.portless("hosts", "sync")
            try Data("mine".utf8).write(to: sandbox.state.appending(path: "notes.txt"))
            let proxy = try #require(sandbox.proxyID)
            let clean = try await sandbox.portless("clean")
            #expect(clean.status == 0, "\(clean.talk)")
            #expect(clean.output.contains("Clean finished"))
            #expect(!ProcessTable.exists(proxy))
            #expect(try FileManager.default.contentsOfDirectory(atPath: anchors.path()) == [])
            #expect(try String(contentsOf: hosts, encoding: .utf8) == "127.0.0.1 localhost\n")
            let left = try FileManager.default.contentsOfDirectory(atPath: sandbox.state.path())
            #expect(left == ["notes.txt"])
            #expect(try await sandbox.portless("clean", "x").status == 1)
        }
    }

    @Test func `a CA that can't be untrusted is kept for a retry`() async throws {
        try await withMachine { sandbox, anchors, _ in
            try await sandbox.portless("trust")
            let failing = sandbox.root.appending(path: "refresh")
            try Data("#!/bin/sh\nexit 1\n".utf8).write(to: failing)
            let clean = try await sandbox.portless("clean")
            #expect(clean.status == 1)
            #expect(sandbox.stateFile("ca.pem").contains("BEGIN CERTIFICATE"))
            #expect(sandbox.stateFile("ca-key.pem").contains("PRIVATE KEY"))
            _ = anchors
        }
    }

    @Test func `doctor finds what is wrong, in words and as JSON`() async throws {
        try await withMachine { sandbox, _, _ in
            let fresh = try await sandbox.portless("doctor")
            #expect(fresh.status == 0, "\(fresh.output)")
            #expect(fresh.output.contains("has not been created yet"))
            #expect(fresh.output.contains("Proxy: https://*.localhost:\(sandbox.port)"))
            #expect(!FileManager.default.fileExists(atPath: sandbox.state.path()))

            try await sandbox.portless("trust")
            try await sandbox.portless("proxy", "start")
            try await sandbox.portless("alias", "nobody", String(try FreePort.next()))
            let running = try await sandbox.portless("doctor")
            #expect(running.status == 0)
            #expect(running.output.contains("ok   The proxy answers on port \(sandbox.port)"))
            #expect(running.output.contains("warn Nothing listens"))
            #expect(running.output.contains("80"), "whether 443 and 80 may be had")
            #expect(running.output.contains("is trusted by: system"))
            #expect(running.output.contains("Summary: 0 failures"))

            let json = try await sandbox.portless("doctor", "--json")
            let report = try JSONSerialization.jsonObject(with: Data(json.output.utf8))
            let findings = (report as? [String: Any])?["findings"] as? [[String: Any]]
            #expect((findings ?? []).contains { $0["status"] as? String == "warn" })

            try await sandbox.portless("proxy", "stop")
            _ = try sandbox.start([
                "python3", "-m", "http.server", "--bind", "127.0.0.1", String(sandbox.port),
            ])
            try await sandbox.answer("http://127.0.0.1:\(sandbox.port)")
            let taken = try await sandbox.portless("doctor")
            #expect(taken.status == 1)
            #expect(taken.output.contains("is in use, but it is not a portless proxy: python3"))
            #expect(try await sandbox.portless("doctor", "x").status == 1)
        }
    }

    @Test
    func
        `doctor finds a damaged pid file, another directory's proxy and a place where no state can be`()
        async throws
    {
        try await withMachine { sandbox, _, _ in
            try await sandbox.portless("proxy", "start")
            let other = sandbox.root.appending(path: "other").path()
            let foreign = try await sandbox.portless(
                "doctor",
                environment: ["PORTLESS_STATE_DIR": other],
            )
            #expect(
                foreign.output.contains("A proxy with another state directory runs on port")
            )
            #expect(!foreign.output.contains("npm package"))
            try await sandbox.portless("proxy", "stop")
            try Data("abc".utf8).write(to: sandbox.state.appending(path: "proxy.pid"))
            let damaged = try await sandbox.portless("doctor")
            #expect(damaged.status == 1)
            #expect(damaged.output.contains("fail") && damaged.output.contains("no process ID"))
            for name in ["ports.json", "apps.json", "config.json"] {
                let file = sandbox.state.appending(path: name)
                try Data("{".utf8).write(to: file)
                let report = try await sandbox.portless("doctor")
                #expect(report.status == 1)
                #expect(report.output.contains("/\(name) can't be"))
                #expect(report.output.contains("Repair the file"))
                try FileManager.default.removeItem(at: file)
            }
            // Below a file no process can make a directory, not even root.
            try sandbox.write("", to: "file")
            let nowhere = try await sandbox.portless(
                "doctor",
                environment: ["PORTLESS_STATE_DIR": sandbox.project.path() + "/file/state"],
            )
            #expect(nowhere.status == 1)
            #expect(nowhere.output.contains("fail") && nowhere.output.contains("/file/state"))
        }
    }

    @Test func `doctor finds a CA that is damaged, signs for all names or lacks a TLD`()
        async throws
    {
        try await withMachine { sandbox, _, _ in
            try await sandbox.portless("trust")
            let whole = sandbox.stateFile("ca.pem")
            let certificate = sandbox.state.appending(path: "ca.pem")
            try Data(whole.prefix(200).utf8).write(to: certificate)
            let damaged = try await sandbox.portless("doctor")
            #expect(damaged.status == 1)
            #expect(damaged.output.contains("fail The certificate authority can't be used"))
            try Data(whole.utf8).write(to: certificate)
            try Data("corp.example\n".utf8).write(to: sandbox.state.appending(path: "proxy.tlds"))
            try Data(String(sandbox.port).utf8).write(
                to: sandbox.state.appending(path: "proxy.port")
            )
            #expect(
                try await sandbox.portless("doctor").output
                    .contains("may not sign for names under .corp.example")
            )
            // As the original makes it: no name constraints.
            let made = try await sandbox.start([
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                "-nodes", "-days", "3", "-subj", "/CN=portless Local CA",
                "-keyout", sandbox.state.appending(path: "ca-key.pem").path(), "-out",
                certificate.path(),
            ]).finished()
            try #require(made.status == 0, "\(made.talk)")
            let old = try await sandbox.portless("doctor").output
            #expect(old.contains("may sign for every name"))
            #expect(old.contains("expires within 7 days"))
            #expect(old.contains("is not trusted by: system"))
        }
    }

    @Test func `prune ends what a run left, and nothing else`() async throws {
        try await Sandbox.with { sandbox in
            #expect(
                try await sandbox.portless("prune").output.contains("No orphaned routes found")
            )
            // Two servers on the ports of two dead runs: one was started by its run.
            let (ours, foreign) = (try FreePort.next(), try FreePort.next())
            func serve(_ port: Int, _ environment: [String: String]) throws -> Program {
                try sandbox.start(
                    ["python3", "-m", "http.server", "--bind", "127.0.0.1", String(port)],
                    environment: environment,
                )
            }
            let orphan = try serve(
                ours,
                ["PORT": String(ours), "PORTLESS_URL": sandbox.url("orphan")],
            )
            let stranger = try serve(foreign, [:])
            try await sandbox.answer("http://127.0.0.1:\(ours)")
            try await sandbox.answer("http://127.0.0.1:\(foreign)")
            let dead = try sandbox.start(["true"])
            _ = try await dead.finished()
            try await sandbox.portless("alias", "x", "5001")
            let routes = [("orphan", ours), ("stranger", foreign)].map { name, port in
                """
                {"hostname": "\(name).localhost", "port": \(port), "pid": \(dead.processID)}
                """
            }
            try Data("[\(routes.joined(separator: ","))]".utf8)
                .write(to: sandbox.state.appending(path: "routes.json"))
            // By force, because the threads that tests run on hand a blocked SIGTERM down.
            let prune = try await sandbox.portless("prune", "--force")
            #expect(prune.output.contains("killed PID \(orphan.processID)"))
            #expect(prune.output.contains("Pruned 2 stale route(s), killed 1 orphaned process(es)"))
            _ = try await orphan.finished()
            #expect(stranger.status == nil)
        }
    }

    @Test func `restart keeps the settings and the apps`() async throws {
        try await Sandbox.with { sandbox in
            try await sandbox.portless("proxy", "start", "--tld", "test", "--wildcard")
            _ = try sandbox.startPortless("myapp", "node", Apps.path("node-http.js"))
            let before = try #require(sandbox.proxyDaemonID)
            let restart = try await sandbox.portless("proxy", "restart")
            #expect(restart.status == 0, "\(restart.talk)")
            #expect(sandbox.proxyDaemonID != before)
            let host = "tenant.myapp.test"
            try await eventually("200 from \(host)") {
                let response = try? await sandbox.curl(
                    "https://\(host):\(sandbox.port)",
                    "--resolve",
                    "\(host):\(sandbox.port):127.0.0.1",
                )
                return response?.status == 200 ? () : nil
            }
        }
    }

    @Test func `open opens the app that is meant`() async throws {
        try await Sandbox.with { sandbox in
            let tools = sandbox.root.appending(path: "tools")
            try FileManager.default.createDirectory(at: tools, withIntermediateDirectories: true)
            let opened = sandbox.root.appending(path: "opened")
            let opener = tools.appending(path: "xdg-open")
            try Data("#!/bin/sh\necho \"$1\" >> \(opened.path())\n".utf8).write(to: opener)
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755],
                ofItemAtPath: opener.path(),
            )
            var withOpener = sandbox
            withOpener.environment["PATH"] =
                tools.path() + ":" + (sandbox.environment["PATH"] ?? "")
            #expect(try await withOpener.portless("open").status == 1)
            try await sandbox.portless("alias", "one", "5001")
            #expect(try await withOpener.portless("open").status == 0)
            try await sandbox.portless("alias", "two", "5002")
            #expect(try await withOpener.portless("open").status == 1)
            #expect(try await withOpener.portless("open", "two").status == 0)
            #expect(try await withOpener.portless("open", "three").status == 1)
            let urls = try String(contentsOf: opened, encoding: .utf8)
            #expect(
                urls == """
                    https://one.localhost:\(sandbox.port)
                    https://two.localhost:\(sandbox.port)

                    """
            )
        }
    }
}
