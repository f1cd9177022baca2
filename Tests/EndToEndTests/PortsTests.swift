import Foundation
import Testing

extension EndToEnd {
    /// `portless ports`: what the table, its explanations and its checks say of real programs.
    @Suite struct PortsTests {}
}

extension EndToEnd.PortsTests {
    private func listen(
        _ sandbox: Sandbox,
        on port: Int,
        under app: [String] = [],
    ) throws -> Program {
        let words = ["python3", "-m", "http.server", "\(port)", "--bind", "127.0.0.1"]
        return try sandbox.start(app.isEmpty ? words : [Binary.path] + app + words)
    }

    private func state(
        _ state: String,
        of port: Int,
        _ app: String,
        _ sandbox: Sandbox,
    ) async throws {
        var last = ""
        try await eventually("\(port) of \(app) is \(state); last: \(last)") {
            let rows = try await sandbox.table().ports.filter { $0.port == port && $0.app == app }
            last = rows.first?.state ?? "no row"
            return last == state ? () : nil
        }
    }

    @Test func `without anything there is a hint, and an empty table as JSON`() async throws {
        try await Sandbox.with { sandbox in
            let result = try await sandbox.portless("ports")
            if try await sandbox.table().infrastructure.isEmpty {
                #expect(result.output.contains("portless ports lease"))
            }
            #expect(try await sandbox.table().ports.isEmpty)
        }
    }

    @Test func `another app on a leased port is the wrong process`() async throws {
        try await Sandbox.with { sandbox in
            let first = try sandbox.leaseFromOwnRange()
            try await sandbox.portless("ports", "lease", "shop", "api")
            try await state("leased", of: first, "shop", sandbox)
            let blog = try listen(sandbox, on: first, under: ["blog"])
            try await state("wrong process", of: first, "shop", sandbox)
            try await blog.waitForTalk("listens on port \(first)")
            try await state("listening", of: first, "blog", sandbox)
            #expect(try await sandbox.row(first)?.owner?.app == "blog")
        }
    }

    @Test func `a stranger on a running app's port is the wrong process`() async throws {
        try await Sandbox.with { sandbox in
            let first = try sandbox.leaseFromOwnRange()
            try await sandbox.portless("ports", "lease", "shop", "api")
            _ = try sandbox.startPortless("shop", "sleep", "3600")
            try await eventually("the route") {
                sandbox.stateFile("routes.json").contains("shop.localhost") ? () : nil
            }
            let stranger = try listen(sandbox, on: first)
            try await state("wrong process", of: first, "shop", sandbox)
            #expect(try await sandbox.row(first)?.owner?.pid == stranger.processID)
        }
    }

    @Test func `an app whose run was killed with its guardian has crashed`() async throws {
        try await Sandbox.with { sandbox in
            let first = try sandbox.leaseFromOwnRange()
            try await sandbox.portless("ports", "lease", "shop", "api")
            let run = try sandbox.startPortless("shop", "node", Apps.path("node-http.js"))
            try await state("listening", of: first, "shop", sandbox)
            for part in ["__guardian", "portless shop", "node "] {
                for process in ProcessTable.all
                where process.environment.contains(sandbox.state.path())
                    && process.arguments.contains(part)
                {
                    kill(process.id, SIGKILL)
                }
            }
            #expect(try await run.finished().status != 0)
            try await state("crashed", of: first, "shop", sandbox)
        }
    }

    @Test func `two apps that declare one port are in conflict`() async throws {
        try await Sandbox.with { sandbox in
            let port = try FreePort.next()
            for name in ["one", "two"] {
                try sandbox.write("PORT=\(port)", to: "\(name)/.env")
                try await sandbox.portless("apps", "add", name)
            }
            let rows = try await sandbox.table().ports
            #expect(rows.map(\.app) == ["one", "two"])
            #expect(rows.map(\.state) == ["conflict", "conflict"])
            #expect(rows.map(\.origin) == ["declared", "declared"])
            #expect(rows.map(\.provenance) == [".env:1", ".env:1"])
            let check = try await sandbox.portless("ports", "check", "one", "two")
            #expect(check.status == 1)
            #expect(
                check.output.contains(
                    "two/.env:1: error: port \(port) is also one's of one, at one/.env:1 [duplicate]"
                )
            )
            // A server started by hand in the folder of one is that one's.
            let server = try sandbox.start(
                ["python3", "-m", "http.server", "\(port)", "--bind", "::1"],
                directory: sandbox.project.appending(path: "one"),
            )
            try await state("listening", of: port, "one", sandbox)
            try await state("conflict", of: port, "two", sandbox)
            #expect(server.status == nil)
        }
    }

    @Test(.enabled(if: PrivateMachine.isPossible))
    func `an address that this machine doesn't reach, databases, and both UDP families`()
        async throws
    {
        try await Sandbox.with { sandbox in
            let first = try sandbox.leaseFromOwnRange()
            try await sandbox.portless("ports", "lease", "shop", "api", "dns")
            // A network of its own, where nothing else listens on the databases' ports.
            let result = try await sandbox.start([
                "unshare", "--net", "python3", Apps.path("listeners.py"), Binary.path, "\(first)",
            ]).finished()
            try #require(result.status == 0, "\(result.talk)")
            let tables = result.output.split(separator: "\u{0C}").map { Data($0.utf8) }
            let table = try JSONDecoder().decode(PortsTable.self, from: try #require(tables.first))
            #expect(table.ports.map(\.state) == ["wrong address", "leased"])
            #expect(table.ports[0].owner?.address == "198.51.100.1")
            #expect(table.ports[1].owner?.protocol == "udp")
            #expect(table.infrastructure.map(\.app) == ["PostgreSQL (container)", "Redis"])
            #expect(table.infrastructure.map(\.label) == ["db", "cache"])
            #expect(table.infrastructure.map(\.port) == [5561, 6379])
            #expect(table.others.map(\.owner.address) == ["::1"])
            #expect(table.others.map(\.owner.protocol) == ["udp"])
            let text = String(decoding: try #require(tables.last), as: UTF8.self)
            #expect(text.contains("wrong address"))
            #expect(text.contains("python3 (") && text.contains(" UDP"))
        }
    }

    @Test func `a port is explained, with the process and those that started it`() async throws {
        try await Sandbox.with { sandbox in
            let first = try sandbox.leaseFromOwnRange()
            try await sandbox.portless("ports", "lease", "shop", "api:REST", "ui")
            let app = try listen(sandbox, on: first + 1, under: ["shop"])
            try await state("listening", of: first + 1, "shop", sandbox)
            let text = try await sandbox.portless("ports", "explain", "\(first + 1)").output
            #expect(
                text.contains("shop has it as ui, leased: listening. shop.localhost leads there.")
            )
            #expect(
                text.contains(
                    "listens on 127.0.0.1 for shop, started by portless (\(app.processID))"
                )
            )
            let quiet = try await sandbox.portless("ports", "explain", "\(first)").output
            #expect(quiet.contains("shop has it as api (REST), leased: leased."))
            #expect(quiet.contains("Nothing listens on it."))
            let blocked = try await sandbox.portless("ports", "explain", "6000", "--json").output
            #expect(blocked.contains("\"Browsers refuse to open it.\""))
            for wrong in ["0", "70000", "x"] {
                let result = try await sandbox.portless("ports", "explain", wrong)
                #expect(result.status == 1)
                #expect(result.talk.contains("Invalid port \"\(wrong)\""))
            }
        }
    }

    @Test func `the watched table is printed again when it changes, and only then`() async throws {
        try await Sandbox.with { sandbox in
            _ = try sandbox.leaseFromOwnRange()
            let watch = try sandbox.startPortless("ports", "--watch", "--json")
            func lines() -> [Substring] { watch.output.split(separator: "\n") }
            try await eventually("the first table") { lines().count >= 1 ? () : nil }
            #expect(lines().last?.contains("\"shop\"") == false)
            try await sandbox.portless("ports", "lease", "shop", "api")
            try await eventually("the new lease") {
                lines().last?.contains("\"shop\"") == true ? () : nil
            }
            let count = lines().count
            // Two questions to the system later nothing has been added.
            _ = try await sandbox.table()
            _ = try await sandbox.table()
            #expect(lines().count == count)
            watch.send(SIGINT)
            #expect(try await watch.finished().status == 128 + SIGINT)
        }
    }

    @Test func `state that can't be understood is an error that names the file, and stays`()
        async throws
    {
        try await Sandbox.with { sandbox in
            try await sandbox.portless("apps", "add", ".")
            for file in ["ports.json", "apps.json", "config.json"] {
                let path = sandbox.state.appending(path: file)
                let before = try? Data(contentsOf: path)
                try Data("{\"leases\": 5, \"apps\": 5, \"ports\": 5}".utf8).write(to: path)
                let lease = try await sandbox.portless("ports", "lease", "shop", "api")
                #expect(lease.status == 1)
                #expect(lease.talk.contains(path.path()))
                #expect(sandbox.stateFile(file).hasPrefix("{\"leases\": 5"))
                try? FileManager.default.removeItem(at: path)
                try before?.write(to: path)
            }
        }
    }

    @Test func `detection prints what a project declares, and what it can't know`() async throws {
        try await Sandbox.with { sandbox in
            try sandbox.write(
                """
                const PORTS = { API: 5590 }; // the API
                module.exports = { apps: [
                  { name: "shop-api", env: { PORT: PORTS.API, DB_PORT: 5432 } },
                  { name: "shop-ui", env: { PORT: choose() } },
                ] };
                """,
                to: "ecosystem.config.cjs",
            )
            let text = try await sandbox.portless("ports", "detect", ".")
            #expect(text.status == 0)
            #expect(text.output.contains("shop-api  api    5590  ecosystem.config.cjs:1  the API"))
            #expect(text.output.contains("ecosystem.config.cjs:4: env.PORT: "))
            let json = try await sandbox.portless("ports", "detect", "--json")
            #expect(json.output.contains("\"dependencies\": [\n    {\n      \"name\": \"db\""))
            let missing = try await sandbox.portless("ports", "detect", "nowhere")
            #expect(missing.status == 1)
            #expect(missing.talk.contains("nowhere is not a directory."))
            let nothing = sandbox.root.appending(path: "home")
            let empty = try await sandbox.portless("ports", "check", "--json", directory: nothing)
            #expect(empty.status == 0)
            #expect(empty.output.contains("\"errors\": 0"))
        }
    }

    @Test func `a config that differs from its lease is an error for CI`() async throws {
        try await Sandbox.with { sandbox in
            let first = try sandbox.leaseFromOwnRange()
            try await sandbox.portless("ports", "lease", "project", "api")
            try sandbox.write("PORT=\(first + 5)\n", to: ".env")
            let result = try await sandbox.portless("ports", "check", "--json")
            #expect(result.status == 1)
            #expect(result.output.contains("\"rule\": \"differs-from-lease\""))
            #expect(result.output.contains("\"line\": 1"))
            try sandbox.write("PORT=\(first)\n", to: ".env")
            #expect(try await sandbox.portless("ports", "check").status == 0)
            try await sandbox.portless("ports", "release", "project")
            try await sandbox.portless("ports", "lease", "other", "ui")
            let taken = try await sandbox.portless("ports", "check")
            #expect(taken.status == 1)
            #expect(taken.output.contains("port \(first) is leased as ui of other on this machine"))
        }
    }

    @Test func `a reader of the watched table that goes away ends it`() async throws {
        try await Sandbox.with { sandbox in
            let pipeline = "\(Binary.path) ports --watch --json | head -n 1"
            let result = try await sandbox.start(["sh", "-c", pipeline]).finished()
            #expect(result.output.hasPrefix("{\"ports\":"))
        }
    }

    @Test func `a repair is shown, made only with --yes, and node reads it`() async throws {
        try await Sandbox.with { sandbox in
            let first = try sandbox.leaseFromOwnRange()
            let before = """
                const TRANSPORT_DELAY = 6000; // not a port
                const PORTS = { API: 6000 };
                module.exports = { apps: [{ name: "project-api", env: { PORT: PORTS.API } }] };
                console.log(PORTS.API, TRANSPORT_DELAY);
                """
            try sandbox.write(before, to: "ecosystem.config.cjs")
            let file = sandbox.project.appending(path: "ecosystem.config.cjs")
            let asked = try await sandbox.portless("ports", "check", "--fix")
            #expect(asked.status == 1)
            #expect(
                asked.output.contains(
                    "-const PORTS = { API: 6000 };\n+const PORTS = { API: \(first) };"
                )
            )
            #expect(asked.talk.contains("--yes"))
            #expect(try String(contentsOf: file, encoding: .utf8) == before)
            let fixed = try await sandbox.portless("ports", "check", "--fix", "--yes")
            #expect(fixed.status == 0)
            #expect(fixed.talk.contains("Rewrote 1 port in 1 file."))
            let read = try await sandbox.start(["node", "ecosystem.config.cjs"]).finished()
            #expect(read.output == "\(first) 6000\n")
        }
    }

    @Test func `SARIF has what its schema requires`() async throws {
        try await Sandbox.with { sandbox in
            try sandbox.write("PORT=6000\n", to: "a b/.env")
            let result = try await sandbox.portless("ports", "check", "a b", "--sarif")
            #expect(result.status == 1)
            try sandbox.write(result.output, to: "report.sarif")
            let check = try await sandbox.start([
                "python3", Apps.path("sarif.py"), "report.sarif", "a%20b/.env",
            ]).finished()
            #expect(check.output == "valid\n", "\(check.talk)")
        }
    }

    @Test(arguments: [
        ("ecosystem.config.js", "module.exports = { apps: [ { name: 'x'\n", 2),
        ("package.json", "{\n  \"scripts\": {\n", 3), ("portless.json", "{\n\"ports\": }", 2),
        ("compose.yml", "services:\n  web: [\n", 2), ("process.json", "{\"apps\": [}", 1),
    ])
    func `a broken file is an error with its line, for detection and for CI`(
        file: String,
        text: String,
        line: Int,
    ) async throws {
        try await Sandbox.with { sandbox in
            try sandbox.write(text, to: file)
            let detected = try await sandbox.portless("ports", "detect", "--json")
            #expect(detected.status == 1)
            #expect(detected.talk.contains("\(file):\(line) can't be understood: "))
            #expect(detected.output.contains("\"line\": \(line)"))
            let check = try await sandbox.portless("ports", "check")
            #expect(check.status == 1)
            #expect(check.output.hasPrefix("\(file):\(line): error: "), "\(check.output)")
        }
    }
}
