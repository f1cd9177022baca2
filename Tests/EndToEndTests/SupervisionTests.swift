import Foundation
import Testing

extension EndToEnd {
    /// `portless up`, `down`, `restart`, `ps` and `logs` with real apps.
    @Suite struct SupervisionTests {}
}

extension EndToEnd.SupervisionTests {
    private struct App: Decodable {
        struct Process: Decodable {
            struct Exit: Decodable {
                let code: Int?
            }

            let name: String
            let state: String
            let pid: Int32?
            let restarts: Int
            let lastExit: Exit?
            let ports: [String: Int]
            let urls: [String]
        }

        let name: String
        let processes: [Process]
    }

    private func app(_ sandbox: Sandbox) async throws -> App {
        let result = try await sandbox.portless("ps", "--json")
        let apps = try JSONDecoder().decode([App].self, from: Data(result.output.utf8))
        return try #require(apps.first)
    }

    @Test func `a PM2 project comes up behind its names, in order, and goes down whole`()
        async throws
    {
        try await Sandbox.with { sandbox in
            let block = try FreePort.block(2)
            try sandbox.write(
                """
                const http = require('http');
                http.createServer((_, answer) => answer.end(process.env.WHO + process.env.pm_id))
                  .listen(process.env.PORT, () => console.log('up', process.env.WHO));
                """,
                to: "server.js",
            )
            try sandbox.write(
                """
                const PORTS = { UI: \(block.lowerBound), API: \(block.lowerBound + 1) };
                module.exports = { apps: [
                  { name: 'shop-ui', script: 'server.js', watch: true,
                    env: { PORT: PORTS.UI, WHO: 'ui' } },
                  { name: 'shop-api', script: 'server.js', env: { PORT: PORTS.API, WHO: 'api' } },
                ] };
                """,
                to: "ecosystem.config.cjs",
            )
            try sandbox.write(
                #"{"name": "shop", "processes": {"shop-ui": {"depends_on": ["shop-api"]}}}"#,
                to: "portless.json",
            )
            // What the caller's own port is, stays with the caller.
            let up = try await sandbox.portless("up", environment: ["PORT": "1", "pm_id": "3"])
            #expect(up.status == 0)
            #expect(up.talk.contains("without effect: watch (shop-ui)."))
            #expect(up.output.contains("https://shop.localhost:\(sandbox.port)"))
            let ui = try await sandbox.curl(sandbox.url("shop") + "/")
            #expect(ui.body == "uiundefined")
            let api = try await sandbox.curl(sandbox.url("api.shop") + "/")
            #expect(api.body == "apiundefined")
            let logs = try await sandbox.portless("logs").output.split(separator: "\n")
            #expect(logs == ["[shop-api] up api", "[shop-ui] up ui"])
            let both = try await sandbox.portless("logs", "shop-ui", "shop-api", "-n", "1")
            #expect(both.output == "[shop-ui] up ui\n", "\(both.talk)")
            let unknown = try await sandbox.portless("logs", "nope")
            #expect(unknown.talk.contains("Processes: shop-ui, shop-api."), "\(unknown.talk)")
            let pids = try await app(sandbox).processes.compactMap(\.pid)
            let again = try await sandbox.portless("up")
            #expect(again.status == 0)
            #expect(try await app(sandbox).processes.compactMap(\.pid) == pids)
            #expect(try await sandbox.portless("restart", "shop-api").status == 0)
            let restarted = try await app(sandbox).processes
            #expect(restarted[0].pid == pids[0])
            #expect(restarted[1].pid != pids[1])
            #expect(try await sandbox.portless("down").status == 0)
            for pid in pids { #expect(kill(pid, 0) != 0) }
            #expect(try await app(sandbox).processes.map(\.state) == ["stopped", "stopped"])
            let routes = try await sandbox.portless("list", "--json").output
            #expect(!routes.contains("shop.localhost"))
            #expect(try await sandbox.portless("apps", "remove", "shop").status == 0)
            let none = try await sandbox.portless("ps")
            #expect(none.output.contains("Nothing was brought up yet"))
        }
    }

    @Test func `what fails is named with its last lines, and the rest runs`() async throws {
        try await Sandbox.with { sandbox in
            try sandbox.write(
                "web: exec python3 -m http.server $PORT\nbad: echo no database; exit 4\n",
                to: "Procfile",
            )
            try sandbox.write(
                #"{"name": "shop", "processes": {"bad": {"autorestart": false}}}"#,
                to: "portless.json",
            )
            let up = try await sandbox.portless("up")
            #expect(up.status == 1)
            #expect(up.talk.contains("bad is errored: It exited with code 4."))
            #expect(up.talk.contains("The last lines of bad:"))
            #expect(up.talk.contains("no database"))
            let running = try await sandbox.portless("apps", "remove", "shop")
            #expect(running.status == 1)
            #expect(running.talk.contains("portless down shop"))
            let processes = try await app(sandbox).processes
            #expect(processes.map(\.state) == ["online", "errored"])
            #expect(processes[1].lastExit?.code == 4)
            #expect(processes[0].ports.keys.sorted() == ["ui"])
            #expect(try await sandbox.curl(sandbox.url("shop") + "/").status == 200)
        }
    }

    @Test func `each label of one process has its name, and clean ends it`() async throws {
        try await Sandbox.with { sandbox in
            try sandbox.write(
                """
                const http = require('http');
                for (const name of ['UI_PORT', 'API_PORT'])
                  http.createServer((_, answer) => answer.end(name)).listen(process.env[name]);
                """,
                to: "server.js",
            )
            try sandbox.write(
                #"{"name": "shop", "ports": ["ui", "api"], "processes": {"web": "node server.js"}}"#,
                to: "portless.json",
            )
            #expect(try await sandbox.portless("up").status == 0)
            #expect(try await sandbox.answer(sandbox.url("shop") + "/") == "UI_PORT")
            #expect(try await sandbox.answer(sandbox.url("api.shop") + "/") == "API_PORT")
            let pid = try #require(try await app(sandbox).processes[0].pid)
            let cleaned = try await sandbox.portless("clean")
            #expect(cleaned.status == 0)
            #expect(kill(pid, 0) != 0)
            #expect(!FileManager.default.fileExists(atPath: sandbox.state.path() + "/apps"))
        }
    }

    @Test func `a label's name gives way to an app of that name, which stays as it is`()
        async throws
    {
        try await Sandbox.with { sandbox in
            let api = try sandbox.startPortless("api.shop", "node", Apps.path("node-http.js"))
            #expect(try await sandbox.answer(sandbox.url("api.shop")).contains("node-http"))
            try sandbox.write(
                """
                const http = require('http');
                for (const name of process.argv.slice(2))
                  http.createServer((_, answer) => answer.end(name)).listen(process.env[name]);
                """,
                to: "server.js",
            )
            // The label is a further port of one process, or all that a process has.
            for processes in [
                #"{"web": "node server.js UI_PORT API_PORT"}"#,
                #"{"ui": "node server.js UI_PORT", "api": "node server.js API_PORT"}"#,
            ] {
                try sandbox.write(
                    #"{"name": "shop", "ports": ["ui", "api"], "processes": \#(processes)}"#,
                    to: "portless.json",
                )
                let up = try await sandbox.portless("up")
                #expect(up.status == 0, "\(up.talk)")
                #expect(!up.output.contains("//api.shop.localhost"), "\(up.output)")
                #expect(try await sandbox.answer(sandbox.url("api.shop")).contains("node-http"))
                #expect(try await sandbox.answer(sandbox.url("shop") + "/") == "UI_PORT")
                #expect(try await sandbox.portless("down").status == 0)
                #expect(sandbox.stateFile("routes.json").contains("\"api.shop.localhost\""))
            }
            api.send(SIGTERM)
            try await api.finished()
            #expect(try await sandbox.portless("up").status == 0)
            #expect(try await sandbox.answer(sandbox.url("api.shop") + "/") == "API_PORT")
            // An app that comes later takes the name over, and a restart leaves it there.
            let later = try sandbox.startPortless("api.shop", "node", Apps.path("node-http.js"))
            try await eventually("the later app's answer") {
                let answer = try await sandbox.curl(sandbox.url("api.shop"))
                return answer.body.contains("node-http") ? () : nil
            }
            #expect(try await sandbox.portless("restart", "shop").status == 0)
            #expect(later.status == nil)
            #expect(try await sandbox.answer(sandbox.url("api.shop")).contains("node-http"))
        }
    }

    @Test func `the names follow an app that moves to another port, and back`() async throws {
        try await Sandbox.with { sandbox in
            let block = try FreePort.block(2)
            try sandbox.write(
                """
                const http = require('http');
                const serve = (port) => {
                  const server = http.createServer((request, answer) => {
                    answer.setHeader('connection', 'close').end('on ' + port);
                    if (request.url === '/move')
                      server.close(() => serve(port === \(block.lowerBound)
                        ? \(block.lowerBound + 1) : \(block.lowerBound)));
                  }).listen(port);
                };
                serve(\(block.lowerBound));
                """,
                to: "server.js",
            )
            try sandbox.write(
                """
                module.exports = { apps: [
                  { name: 'shop', script: 'server.js', env: { PORT: \(block.lowerBound) } },
                ] };
                """,
                to: "ecosystem.config.cjs",
            )
            try sandbox.write(#"{"name": "shop"}"#, to: "portless.json")
            #expect(try await sandbox.portless("up").status == 0)
            for port in [block.lowerBound, block.lowerBound + 1, block.lowerBound] {
                try await eventually("the name leads to \(port)") {
                    try await sandbox.curl(sandbox.url("shop") + "/").body == "on \(port)"
                        ? () : nil
                }
                #expect(try await sandbox.curl(sandbox.url("shop") + "/move").status == 200)
            }
            let notes = try await sandbox.portless("logs").talk
            #expect(notes.contains("listens on port \(block.lowerBound) again"))
        }
    }

    @Test func `another folder's app of the same name is left alone`() async throws {
        try await Sandbox.with { sandbox in
            try sandbox.write(
                #"{"name": "shop", "processes": {"a": "sleep 600"}}"#,
                to: "portless.json",
            )
            try sandbox.write(
                #"{"name": "shop", "processes": {"b": "sleep 600"}}"#,
                to: "other/portless.json",
            )
            #expect(try await sandbox.portless("up").status == 0)
            let before = try await app(sandbox).processes.map(\.pid)
            let other = sandbox.project.appending(path: "other")
            let refused = try await sandbox.portless("up", directory: other)
            #expect(refused.status == 1)
            #expect(refused.talk.contains("An app called shop runs from"))
            #expect(try await app(sandbox).processes.map(\.pid) == before)
            #expect(try await sandbox.portless("down", "shop", directory: other).status == 0)
            #expect(try await sandbox.portless("up", directory: other).status == 0)
            #expect(try await app(sandbox).processes.map(\.name) == ["b"])
        }
    }

    @Test func `a value that can't be read starts nothing and names the line`() async throws {
        try await Sandbox.with { sandbox in
            try sandbox.write(
                "module.exports = { apps: [\n  { name: 'a', script: pick() },\n] };\n",
                to: "ecosystem.config.js",
            )
            let up = try await sandbox.portless("up")
            #expect(up.status == 1)
            #expect(up.talk.contains("ecosystem.config.js:2"))
            #expect(sandbox.stateFile("server.json").isEmpty)
        }
    }

    @Test(arguments: [
        (["--env", "prodution"], "'npm', env_production: {}", "There are: production."),
        ([], "'./dist/server.js'", "isn't there. Was it built?"),
        ([], "'npm' }, { name: 'a', script: 'npm'", #"would both run as "a""#),
    ])
    func `what can't be meant starts nothing`(
        options: [String],
        script: String,
        reason: String,
    ) async throws {
        try await Sandbox.with { sandbox in
            try sandbox.write(
                "module.exports = { apps: [{ name: 'a', script: \(script) }] };\n",
                to: "ecosystem.config.js",
            )
            let up = try await sandbox.start([Binary.path, "up"] + options).finished()
            #expect(up.status == 1)
            #expect(up.talk.contains(reason))
            #expect(sandbox.stateFile("server.json").isEmpty)
        }
    }

    @Test func `killed servers lose no process, no exit code and no line`() async throws {
        try await Sandbox.with { sandbox in
            try sandbox.write(
                """
                import time
                number = 0
                while True:
                    print(number, flush=True)
                    number += 1
                    time.sleep(0.002)
                """,
                to: "count.py",
            )
            // Each run ends with the next code.
            try sandbox.write(
                """
                import os, sys, time
                runs = len(open("runs").read()) if os.path.exists("runs") else 0
                open("runs", "a").write("x")
                time.sleep(0.03)
                sys.exit(runs % 200 + 1)
                """,
                to: "ends.py",
            )
            try sandbox.write(
                """
                {"name": "shop", "processes": {
                  "count": "exec python3 count.py",
                  "ends": {"command": "exec python3 ends.py", "max_restarts": 100000,
                           "restart_delay": 1}
                }}
                """,
                to: "portless.json",
            )
            _ = try await sandbox.portless("up", "count", "ends")
            let pid = try #require(try await app(sandbox).processes[0].pid)
            let reader = try sandbox.startPortless("logs", "-f", "-n", "1000000", "count")
            var generator = SystemRandomNumberGenerator()
            for _ in 0..<8 {
                let server = try await eventually("the server is there") { serverID(sandbox) }
                // A random moment is what is meant, not a wait for something.
                try await Task.sleep(
                    for: .milliseconds(Int.random(in: 0...120, using: &generator))
                )
                kill(server, SIGKILL)
                try await eventually("the server's holder is gone") {
                    ProcessTable.exists(server) ? nil : ()
                }
                let looked = try await sandbox.portless("ps")
                #expect(looked.status == 0, "\(looked.talk)")
                #expect(serverID(sandbox) ?? server != server)
            }
            let after = try await app(sandbox).processes
            #expect(after[0].pid == pid)
            #expect(after[0].restarts == 0)
            #expect(try await sandbox.portless("down").status == 0)
            let written = try await sandbox.portless("logs", "-n", "1000000", "count").output
                .split(separator: "\n").compactMap { Int($0) }
            #expect(written == Array(0..<written.count))
            #expect(written.count > 100)
            try await eventually("the reader has all of \(written.count) lines; \(reader.talk)") {
                reader.output.split(separator: "\n").count >= written.count ? () : nil
            }
            reader.send(SIGINT)
            let read = reader.output.split(separator: "\n").compactMap { Int($0) }
            #expect(read == written)
            let codes = try await sandbox.portless("logs", "-n", "1000000", "ends").talk
                .split(separator: "\n")
                .compactMap { $0.firstMatch(of: #/exited with code (\d+) /#)?.1 }
                .compactMap { Int($0) }
            #expect(codes == (0..<codes.count).map { $0 % 200 + 1 })
            #expect(codes.count > 3)
        }
    }

    @Test func `in the foreground the output comes along, and Ctrl-C takes all down`()
        async throws
    {
        try await Sandbox.with { sandbox in
            try sandbox.write(
                "one: echo first; exec sleep 600\ntwo: exec sleep 600\n",
                to: "Procfile",
            )
            let up = try sandbox.startPortless("up", "--foreground")
            try await eventually("the output of one: \(up.talk)") {
                up.output.contains("[one] first") ? () : nil
            }
            let pids = try await app(sandbox).processes.compactMap(\.pid)
            #expect(pids.count == 2)
            up.send(SIGINT)
            #expect(try await up.finished().status == 0)
            for pid in pids { #expect(kill(pid, 0) != 0) }
        }
    }

    private func serverID(_ sandbox: Sandbox) -> Int32? {
        let record = try? JSONSerialization.jsonObject(
            with: Data(sandbox.stateFile("server.json").utf8)
        )
        guard let pid = (record as? [String: Any])?["pid"] as? Int32, kill(pid, 0) == 0 else {
            return nil
        }
        return pid
    }
}
