import Foundation
import Testing

extension EndToEnd {
    @Suite struct ServerTests {}
}

extension EndToEnd.ServerTests {
    @Test func `start, start again, status, stop, stop again`() async throws {
        try await Sandbox.with { sandbox in
            let stopped = try await sandbox.portless("server", "status", "--json")
            #expect(stopped.status == 1)
            #expect(stopped.output.contains("\"running\": false"))

            try await sandbox.startServer()
            let server = try #require(sandbox.server)
            #expect(server.port == sandbox.apiPort && !server.tls)
            let again = try await sandbox.portless("server", "start")
            #expect(again.status == 0)
            #expect(again.output.contains("already running"))
            #expect(sandbox.server?.pid == server.pid)
            let status = try await sandbox.portless("server", "status")
            #expect(status.output.contains("http://localhost:\(sandbox.apiPort)"))
            for file in ["server.token", "server/api.sock"] {
                let path = sandbox.state.appending(path: file).path()
                let mode = try await sandbox.run("stat", "-c", "%a", path)
                #expect(mode == "600\n", "\(file)")
            }

            let stop = try await sandbox.portless("server", "stop")
            #expect(stop.output.contains("Server stopped"))
            #expect(!ProcessTable.exists(server.pid))
            #expect(sandbox.server == nil)
            #expect(!sandbox.stateFile("routes.json").contains("portless.localhost"))
            let none = try await sandbox.portless("server", "stop")
            #expect(none.status == 0)
            #expect(none.output.contains("not running"))
        }
    }

    @Test func `a server says again where it is when that is lost or damaged`() async throws {
        try await Sandbox.with { sandbox in
            try await sandbox.startServer()
            let server = try #require(sandbox.server)
            for damage in ["{bad", nil] {
                let file = sandbox.state.appending(path: "server.json").path()
                try FileManager.default.removeItem(atPath: file)
                try damage?.write(toFile: file, atomically: true, encoding: .utf8)
                try FileManager.default.removeItem(
                    atPath: sandbox.state.appending(path: "routes.json").path()
                )
                try await eventually("the record and the route are back") {
                    sandbox.server?.pid == server.pid
                        && sandbox.stateFile("routes.json").contains("portless.localhost")
                        ? () : nil
                }
            }
            #expect(try await sandbox.portless("server", "stop").output.contains("stopped"))
            #expect(sandbox.server == nil)
        }
    }

    @Test func `a start tells what is wrong with the certificate and the mirror`() async throws {
        try await Sandbox.with { sandbox in
            let folder = sandbox.state.appending(path: "certs")
            try FileManager.default.createDirectory(
                at: folder,
                withIntermediateDirectories: true,
            )
            try "garbage".write(
                to: folder.appending(path: "cert.pem"),
                atomically: true,
                encoding: .utf8,
            )
            let start = try await sandbox.portless("server", "start")
            #expect(start.status == 0)
            #expect(start.talk.contains("The server speaks HTTP."), "\(start.talk)")
            try await sandbox.portless("server", "stop")
            try FileManager.default.removeItem(at: folder)
            try await sandbox.portless("server", "cert")
            let port = try #require(sandbox.environment["PORTLESS_API_LOCAL_PORT"])
            let other = try sandbox.start([
                "python3", "-m", "http.server", "--bind", "127.0.0.1", port,
            ])
            try await eventually("the port is taken") {
                let listening = try await sandbox.start([
                    "curl", "-s", "-o", "/dev/null", "http://127.0.0.1:\(port)/",
                ]).finished()
                return listening.status == 0 ? () : nil
            }
            let again = try await sandbox.portless("server", "start")
            #expect(again.status == 0)
            #expect(again.talk.contains("PORTLESS_API_LOCAL_PORT"), "\(again.talk)")
            other.send(SIGTERM)
        }
    }

    @Test func `twenty commands that need a server start one`() async throws {
        try await Sandbox.with { sandbox in
            let commands = try (0..<20).map { _ in
                try sandbox.startPortless("dashboard", "--no-open")
            }
            for command in commands {
                let result = try await command.finished()
                #expect(result.status == 0, "\(result.talk)")
                #expect(result.output.contains("/session/"))
            }
            let path = sandbox.state.path()
            let servers = ProcessTable.all.filter {
                $0.environment.contains(path) && $0.arguments.contains("server")
            }
            let holder = try #require(sandbox.server?.pid)
            #expect(Set(servers.map(\.id)) == Set([holder] + ProcessTable.children(of: holder)))
            #expect(servers.count == 2)
        }
    }

    @Test func `a server that was killed is followed by another one`() async throws {
        try await Sandbox.with { sandbox in
            try await sandbox.startServer()
            let first = try #require(sandbox.server)
            kill(first.pid, SIGKILL)
            try await eventually("\(first.pid) ends") {
                ProcessTable.exists(first.pid) ? nil : ()
            }
            #expect(try await sandbox.portless("server", "status").status == 1)
            try await sandbox.startServer()
            #expect(sandbox.server?.pid != first.pid)
            #expect(try await sandbox.curl(sandbox.api("/api/health")).status == 200)
        }
    }

    @Test func `a newer command line replaces an older server`() async throws {
        try await Sandbox.with { sandbox in
            let older = sandbox.root.appending(path: "older")
            try await OtherVersion.install("0.0.9", at: older, sandbox)
            let start = try await sandbox.start([older.path(), "server", "start"]).finished()
            #expect(start.status == 0, "\(start.talk)")
            let first = try #require(sandbox.serverDaemonID)
            let link = try await sandbox.portless("dashboard", "--no-open")
            #expect(link.status == 0, "\(link.talk)")
            #expect(link.talk.contains("version 0.0.9"))
            try await eventually("the older server ends") {
                ProcessTable.exists(first) ? nil : ()
            }
            #expect(sandbox.serverDaemonID != first)
            #expect(sandbox.server?.port == sandbox.apiPort)
        }
    }

    @Test func `clean stops it and takes its files away`() async throws {
        try await Sandbox.with { sandbox in
            try await sandbox.startServer()
            let server = try #require(sandbox.server)
            try await sandbox.portless("server", "cert")
            let clean = try await sandbox.portless("clean")
            #expect(clean.status == 0, "\(clean.talk)")
            #expect(!ProcessTable.exists(server.pid))
            let left = try FileManager.default.contentsOfDirectory(atPath: sandbox.state.path())
            #expect(!left.contains { $0.hasPrefix("server") || $0.hasPrefix("certs") }, "\(left)")
        }
    }

    @Test func `the original's users find their list of apps`() async throws {
        try await Sandbox.with { sandbox in
            try sandbox.write("web: node s.js --port 5599\n", to: "Procfile")
            try await sandbox.portless("apps", "add", ".")
            try await sandbox.startServer()
            let list = try await sandbox.run(
                "sh",
                "-c",
                "curl -s \(sandbox.api("/api/apps")) | jq -c '.[].processes'",
            )
            #expect(list.contains(#""name":"web""#) && list.contains("5599"))
        }
    }

    @Test func `it has a name of its own`() async throws {
        try await Sandbox.with { sandbox in
            try await sandbox.portless("proxy", "start")
            try await sandbox.startServer()
            let page = try await sandbox.answer(sandbox.url("portless"))
            #expect(page.contains("<title>Portless</title>"))
            let link = try await sandbox.portless("dashboard", "--no-open").output
            #expect(link.hasPrefix(sandbox.url("portless") + "/session/"))
            let cookie = try await sandbox.curl(
                link.trimmingCharacters(in: .newlines),
                "-o",
                "/dev/null",
                "-D",
                "-",
            )
            #expect(cookie.body.lowercased().contains("secure"))
            // Over to HTTPS, and the name still leads here.
            let cert = try await sandbox.portless("server", "cert")
            #expect(cert.status == 0, "\(cert.talk)")
            try await sandbox.answer(sandbox.url("portless") + "/api/health")
        }
    }

    @Test func `an app that is called server runs, and is told from ours`() async throws {
        try await Sandbox.with { sandbox in
            _ = try sandbox.startPortless("server", "node", Apps.path("node-http.js"))
            try await sandbox.answer(sandbox.url("server"))
            _ = try sandbox.startPortless("dashboard", "node", Apps.path("node-http.js"))
            try await sandbox.answer(sandbox.url("dashboard"))
            #expect(sandbox.server == nil)
        }
    }

    @Test func `beyond loopback it takes a certificate and the token`() async throws {
        try await Sandbox.with { sandbox in
            let bare = try await sandbox.portless("server", "start", "--host", "0.0.0.0")
            #expect(bare.status == 1)
            #expect(bare.talk.contains("portless server cert"))
            try await sandbox.portless("server", "cert")
            try await sandbox.startServer("--host", "0.0.0.0")
            let url = "https://localhost:\(sandbox.apiPort)/api/apps"
            #expect(try await sandbox.curl(url).status == 401)
            let told = try await sandbox.curl(url, "-H", "Authorization: Bearer \(sandbox.token)")
            #expect(told.status == 200)
            let plain = try await sandbox.curl(sandbox.api("/api/apps"))
            #expect(plain.status == 302)
        }
    }

    @Test func `a chosen port that another program has is an error that names them`() async throws {
        try await Sandbox.with { sandbox in
            let taken = try sandbox.start([
                "python3", "-m", "http.server", "-b", "127.0.0.1", String(sandbox.apiPort),
            ])
            try await eventually("the other program listens") {
                (try? await sandbox.curl(sandbox.api("/"))).map { _ in () }
            }
            let start = try await sandbox.portless("server", "start")
            #expect(start.status == 1)
            #expect(start.talk.contains("python3 ("), "\(start.talk)")
            #expect(start.talk.contains(") listens on port \(sandbox.apiPort)"))
            #expect(start.talk.contains("PORTLESS_API_PORT"))
            taken.send(SIGTERM)
        }
    }

    @Test(.enabled(if: PrivateMachine.isPossible, "only root can make networks"))
    func `where another program has 5555 it takes another port, and is found there`() async throws {
        try await PrivateMachine.with { machine in
            _ = try machine.startAsUser(["python3", "-m", "http.server", "-b", "127.0.0.1", "5555"])
            try await eventually("the other program listens") {
                try await machine.status(of: "http://127.0.0.1:5555/") == 200 ? () : nil
            }
            try await machine.portless("proxy", "start", "-p", "8443")
            let start = try await machine.portless("server", "start")
            #expect(start.status == 0, "\(start.talk)")
            let record = Data(machine.stateFile("server.json").utf8)
            let server = try JSONDecoder().decode(ServerFile.self, from: record)
            #expect(server.port != 5555)
            let url = "http://localhost:\(server.port)"
            #expect(start.output.contains("Server started: \(url)"))
            #expect(start.talk.contains(") listens on port 5555"), "\(start.talk)")
            #expect(start.talk.contains("took port \(server.port)."), "\(start.talk)")

            #expect(try await machine.portless("server", "status").output.contains(url))
            #expect(try await machine.portless("ps").status == 0)
            #expect(try await machine.status(of: "\(url)/api/health") == 200)
            let named = "https://portless.localhost:8443/api/health"
            #expect(try await machine.status(of: named) == 200)

            // The one who was asked for a port takes that or none.
            try await machine.portless("server", "stop")
            let chosen = try await machine.portless(
                "server",
                "start",
                environment: ["PORTLESS_API_PORT": "5555"],
            )
            #expect(chosen.status == 1)
            #expect(chosen.talk.contains(") listens on port 5555, which PORTLESS_API_PORT"))
        }
    }

    @Test func `nothing it answers is undocumented, of another shape, or a failure of its own`()
        async throws
    {
        try await Sandbox.with { sandbox in
            try sandbox.write("web: sleep 1000\nfailing: exit 3\n", to: "Procfile")
            try await sandbox.portless("apps", "add", ".")
            try await sandbox.portless("up")
            // A made-up path is of no directory, however valid it is.
            let settings = """
                [[operations]]
                include-path = ["/api/apps", "/api/apps/{id}", "/api/leases", "/api/browser/config"]
                [operations.checks.positive_data_acceptance]
                expected-statuses = ["2xx", 400, 401, 404, 409]
                """
            let file = sandbox.root.appending(path: "schemathesis.toml")
            try Data(settings.utf8).write(to: file)
            // Streams don't end, a made-up plan would run made-up commands, and a made-up PID may be
            // that of a process: there it makes only requests that are wrong.
            let risky = [
                "/api/up", "/api/ports/{port}/end", "/api/jobs", "/api/crashes/autofix",
                "/api/browser/launch", "/api/browser/restart", "/api/browser/navigate",
            ]
            let streams = ["/api/events", "/api/traffic/follow", "/api/jobs/{id}/output/follow"]
            let left = streams + risky
            for choice in [
                left.flatMap { ["--exclude-path", $0] } + ["-n", "15"],
                risky.flatMap { ["--include-path", $0] } + ["--mode", "negative", "-n", "50"],
            ] {
                let result = try await sandbox.start(
                    [
                        "schemathesis", "--config-file", file.path(), "run",
                        sandbox.api("/api/openapi.json"), "--no-color",
                        "-H", "Authorization: Bearer \(sandbox.token)",
                        "--phases", "coverage,fuzzing", "--seed", "1", "--warnings", "off",
                    ] + choice,
                    directory: sandbox.root,
                ).finished(within: .seconds(300))
                #expect(result.status == 0, "\(result.output.suffix(6000))\(result.talk)")
            }
            let apps = sandbox.state.appending(path: "apps").path()
            let upped = (try? FileManager.default.contentsOfDirectory(atPath: apps)) ?? []
            #expect(upped.allSatisfy { $0 == "project" }, "\(upped)")
            #expect(sandbox.server != nil)
            #expect(try await sandbox.curl(sandbox.api("/api/health")).status == 200)
        }
    }

    @Test func `a thousand subscribers and a hundred chatty processes take little memory`()
        async throws
    {
        try await Sandbox.with { sandbox in
            let chatter = "sh -c 'while :; do echo something to say; sleep 0.5; done'"
            let processes = (0..<100).map { "p\($0): \(chatter)\n" }
            try sandbox.write(processes.joined(), to: "Procfile")
            let up = try await sandbox.portless("up")
            #expect(up.status == 0, "\(up.talk)")
            let server = try #require(sandbox.server)
            let input = sandbox.root.appending(path: "go")
            try await sandbox.run("mkfifo", input.path())
            let clients = try sandbox.start([
                "sh", "-c", "exec python3 \"$0\" \(sandbox.apiPort) 1000 <\"$1\"",
                Apps.path("subscribers.py"), input.path(),
            ])
            let go = try FileHandle(forUpdating: input)
            try await eventually("all are connected: \(clients.talk)", within: .seconds(60)) {
                clients.output.contains("connected 1000") ? () : nil
            }
            try await sandbox.portless("alias", "told", "9999")
            try go.write(contentsOf: Data("go\n".utf8))
            try await eventually("all are told: \(clients.output)", within: .seconds(90)) {
                clients.output.contains("events 1000") ? () : nil
            }
            let memory = try await sandbox.run(
                "sh",
                "-c",
                "grep ^Pss: /proc/\(server.pid)/smaps_rollup | tr -dc 0-9",
            )
            #expect(try #require(Int(memory)) < 150 * 1024)
            try go.write(contentsOf: Data("end\n".utf8))
            #expect(try await clients.finished().status == 0)
            try await sandbox.portless("down")
        }
    }
}
