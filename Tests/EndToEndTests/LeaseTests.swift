import Foundation
import Testing

extension EndToEnd {
    /// Blocks of ports that apps own, from the command line to the running app.
    @Suite struct LeaseTests {}
}

extension EndToEnd.LeaseTests {
    private struct Lease: Decodable {
        struct Port: Decodable {
            let label: String
            let port: Int
            let description: String?
        }

        let app: String
        let first: Int
        let last: Int
        let ports: [Port]

        init(_ text: String) throws {
            self = try JSONDecoder().decode(Lease.self, from: Data(text.utf8))
        }
    }

    private var server: [String] { ["node", Apps.path("two-ports.js")] }

    @Test func `a lease is durable, grows, moves only when told so, and is given back`()
        async throws
    {
        try await Sandbox.with { sandbox in
            let first = try sandbox.leaseFromOwnRange()
            let lease = try Lease(
                try await sandbox.portless(
                    "ports",
                    "lease",
                    "shop",
                    "api:REST API server",
                    "ui",
                    "--json",
                ).output
            )
            #expect(lease.app == "shop")
            #expect((lease.first, lease.last) == (first, first + 1))
            #expect(lease.ports.map(\.label) == ["api", "ui"])
            #expect(lease.ports[0].description == "REST API server")
            let again = try await sandbox.portless("ports", "lease", "shop", "ui", "api", "--json")
            #expect(try Lease(again.output).ports.map(\.port) == [first, first + 1])
            #expect(again.talk == "")
            try await sandbox.portless("ports", "lease", "blog", "web")
            let stuck = try await sandbox.portless("ports", "lease", "shop", "ws")
            #expect(stuck.status == 1)
            #expect(stuck.talk.contains("portless ports lease shop"))
            #expect(stuck.talk.contains("--move"))
            let moved = try await sandbox.portless(
                "ports",
                "lease",
                "shop",
                "ws",
                "--move",
                "--json",
            )
            #expect(moved.talk.contains("has moved from \(first)–\(first + 1) to"))
            #expect(try Lease(moved.output).first == first + 3)
            #expect(try await sandbox.portless("ports", "release", "shop").status == 0)
            let gone = try await sandbox.portless("ports", "release", "shop")
            #expect(gone.status == 1)
            #expect(gone.talk.contains("shop has no leased ports"))
        }
    }

    @Test func `a lease is printed for dotenv and for an ecosystem file that node reads`()
        async throws
    {
        try await Sandbox.with { sandbox in
            let first = try sandbox.leaseFromOwnRange()
            let dotenv = try await sandbox.portless(
                "ports",
                "lease",
                "shop",
                "api",
                "devUi:hot reload",
                "--format",
                "dotenv",
            )
            #expect(
                dotenv.output == """
                    PORT=\(first)
                    API_PORT=\(first)
                    DEV_UI_PORT=\(first + 1) # hot reload

                    """
            )
            let ecosystem = try await sandbox.portless(
                "ports",
                "lease",
                "shop",
                "api",
                "--format=ecosystem",
            )
            try sandbox.write(
                ecosystem.output + "console.log(PORTS.DEV_UI);\n",
                to: "ecosystem.config.cjs",
            )
            let result = try await sandbox.start(["node", "ecosystem.config.cjs"]).finished()
            #expect(result.output == "\(first + 1)\n")
            let wrong = try await sandbox.portless(
                "ports",
                "lease",
                "shop",
                "api",
                "--format",
                "x",
            )
            #expect(wrong.status == 1)
            #expect(wrong.talk.contains("table, json, dotenv, ecosystem"))
        }
    }

    @Test func `hundreds of processes that lease at once never share a port`() async throws {
        try await Sandbox.with { sandbox in
            _ = try sandbox.leaseFromOwnRange(700)
            let programs = try (0..<200).map { number in
                try sandbox.startPortless(
                    "ports",
                    "lease",
                    // Some ask for the same app at the same time, and then get the same block.
                    "app\(number % 150)",
                    "api",
                    "ui",
                    "--json",
                )
            }
            var blocks: [String: [Int]] = [:]
            for program in programs {
                let result = try await program.finished(within: .seconds(120))
                try #require(result.status == 0, "\(result.talk)")
                let lease = try Lease(result.output)
                #expect(blocks[lease.app] == nil || blocks[lease.app] == lease.ports.map(\.port))
                blocks[lease.app] = lease.ports.map(\.port)
            }
            let all = blocks.values.flatMap(\.self)
            #expect(blocks.count == 150)
            #expect(all.count == 300)
            #expect(Set(all).count == all.count)
        }
    }

    @Test func `a port that is listened on, on either family, is not leased`() async throws {
        try await Sandbox.with { sandbox in
            let first = try sandbox.leaseFromOwnRange(6)
            for (offset, address) in [(0, "127.0.0.1"), (2, "::1"), (3, "0.0.0.0")] {
                let listener = try sandbox.start([
                    "python3", "-m", "http.server", "\(first + offset)", "--bind", address,
                ])
                try await eventually("the listener on \(address)") {
                    try await sandbox.table().others.contains {
                        $0.port == first + offset && $0.owner.pid == listener.processID
                    } ? () : nil
                }
            }
            let lease = try await sandbox.portless("ports", "lease", "shop", "a", "b", "--json")
            #expect(try Lease(lease.output).first == first + 4)
            let blocks = try await sandbox.portless("ports", "find", "1")
            #expect(blocks.output == "\(first + 1)\n")
            let none = try await sandbox.portless("ports", "find", "3")
            #expect(none.status == 1)
            #expect(none.talk.contains("No 3 free ports in a row"))
        }
    }

    @Test func `the emulator's ports are left out while adb runs`() async throws {
        try await Sandbox.with { sandbox in
            try FileManager.default.createDirectory(
                at: sandbox.state,
                withIntermediateDirectories: true,
            )
            let adb = sandbox.root.appending(path: "adb")
            try FileManager.default.copyItem(atPath: "/bin/sleep", toPath: adb.path())
            let program = try sandbox.start([adb.path(), "3600"])
            let lease = try await sandbox.portless("ports", "lease", "shop", "api", "--json")
            #expect(try Lease(lease.output).first >= 5586)
            #expect(program.status == nil)
        }
    }

    @Test func `a run gets its leased ports, and a name for each that speaks HTTP`() async throws {
        try await Sandbox.with { sandbox in
            let first = try sandbox.leaseFromOwnRange()
            try await sandbox.portless("ports", "lease", "shop", "api", "ui", "cdp")
            let app = try sandbox.start([Binary.path, "shop"] + server)
            #expect(try await sandbox.answer(sandbox.url("shop")) == "ui\n")
            #expect(try await sandbox.answer(sandbox.url("ui.shop")) == "ui\n")
            #expect(try await sandbox.answer(sandbox.url("api.shop")) == "api\n")
            #expect(!sandbox.stateFile("routes.json").contains("cdp.shop"))
            #expect(app.output.contains("PORT=\(first + 1) API_PORT=\(first) UI_PORT=\(first + 1)"))
            #expect(app.output.contains("CDP_PORT=\(first + 2)"))
            let api = try #require(try await sandbox.row(first))
            #expect((api.app, api.label, api.origin) == ("shop", "api", "leased"))
            #expect((api.state, api.name) == ("listening", "api.shop.localhost"))
            #expect((api.owner?.command, api.owner?.app) == ("node", "shop"))
            #expect(api.owner?.parents.first?.pid == app.processID)
            #expect(try await sandbox.row(first + 1)?.name == "shop.localhost")
            #expect(try await sandbox.row(first + 2)?.state == "leased")
            app.send(SIGTERM)
            try await app.finished()
            #expect(sandbox.stateFile("routes.json") == "[]")
        }
    }

    @Test func `an app called by a label has the label's port and takes its name`() async throws {
        try await Sandbox.with { sandbox in
            let first = try sandbox.leaseFromOwnRange()
            try await sandbox.portless("ports", "lease", "shop", "api", "ui")
            let shop = try sandbox.startPortless("shop", "sleep", "3600")
            try await eventually("the name of the label") {
                sandbox.stateFile("routes.json").contains("api.shop.localhost") ? () : nil
            }
            _ = try sandbox.startPortless("api.shop", "node", Apps.path("node-http.js"))
            let echo = try Echo(try await sandbox.answer(sandbox.url("api.shop")))
            #expect(echo.environment["PORT"] == "\(first)")
            #expect(echo.environment["UI_PORT"] == "\(first + 1)")
            #expect(shop.status == nil)
            #expect(sandbox.stateFile("routes.json").contains("\"ui.shop.localhost\""))
        }
    }

    @Test func `the ports of portless-json are told to the app; the open ones are leased`()
        async throws
    {
        try await Sandbox.with { sandbox in
            let first = try sandbox.leaseFromOwnRange()
            let fixed = try FreePort.next()
            try sandbox.write(
                "{\"name\": \"shop\", \"ports\": {\"ui\": \(fixed), \"api\": \"auto\", \"db\": null}}",
                to: "portless.json",
            )
            let app = try sandbox.start([Binary.path, "run"] + server)
            #expect(try await sandbox.answer(sandbox.url("shop")) == "ui\n")
            #expect(try await sandbox.answer(sandbox.url("api.shop")) == "api\n")
            #expect(app.talk.contains("Leased \(first)–\(first + 1) for shop."))
            #expect(app.output.contains("PORT=\(fixed) API_PORT=\(first) UI_PORT=\(fixed)"))
            #expect(try await sandbox.row(fixed)?.app == "shop")
            try sandbox.write("{\"ports\": {\"ui\": \"5570\"}}", to: "portless.json")
            let wrong = try await sandbox.portless("run", "true")
            #expect(wrong.status == 1)
            #expect(wrong.talk.contains("\"ports.ui\" in"))
            #expect(wrong.talk.contains("must be a whole number from 1 to 65535"))
        }
    }

    @Test func `apps of a workspace have their own leases`() async throws {
        try await Sandbox.with { sandbox in
            let first = try sandbox.leaseFromOwnRange()
            try sandbox.write("{\"workspaces\": [\"*\"]}", to: "package.json")
            try sandbox.write(
                "{\"name\": \"acme\", \"apps\": {\"web\": {\"ports\": [\"ui\", \"api\"]}}}",
                to: "portless.json",
            )
            for name in ["web", "admin"] {
                let script = name == "web" ? server : ["node", Apps.path("node-http.js")]
                try sandbox.write(
                    "{\"name\": \"\(name)\", \"scripts\": {\"dev\": \"\(script.joined(separator: " "))\"}}",
                    to: "\(name)/package.json",
                )
            }
            let run = try sandbox.startPortless()
            #expect(try await sandbox.answer(sandbox.url("web.acme")) == "ui\n")
            #expect(try await sandbox.answer(sandbox.url("api.web.acme")) == "api\n")
            let admin = try Echo(try await sandbox.answer(sandbox.url("admin.acme")))
            #expect(admin.environment["UI_PORT"] == nil)
            #expect(try await sandbox.row(first)?.owner?.app == "web.acme")
            #expect(try await sandbox.row(first + 1)?.owner?.app == "web.acme")
            #expect(run.talk.contains("web api:\(first + 1)"))
        }
    }

    @Test func `each worktree has a block of its own`() async throws {
        try await Sandbox.with { sandbox in
            let first = try sandbox.leaseFromOwnRange()
            try sandbox.write("{\"name\": \"shop\"}", to: "package.json")
            let git = ["git", "-c", "user.name=t", "-c", "user.email=t@t"]
            for arguments in [
                ["init", "-q"], ["add", "."], ["commit", "-qm", "x"],
                ["worktree", "add", "-qb", "fix", "../fix"],
            ] {
                let result = try await sandbox.start(git + arguments).finished()
                try #require(result.status == 0, "\(result.talk)")
            }
            let worktree = sandbox.root.appending(path: "fix")
            try await sandbox.portless("ports", "lease", "shop", "api", "ui")
            let own = try await sandbox.portless(
                "ports",
                "lease",
                "shop",
                "api",
                "--json",
                directory: worktree,
            )
            #expect(try Lease(own.output).app == "fix.shop")
            #expect(try Lease(own.output).first == first + 2)
            try await sandbox.portless("ports", "release", "shop", directory: worktree)
            // A run leases by itself what the app has elsewhere.
            let run = try await sandbox.portless(
                "run",
                "sh",
                "-c",
                "echo $PORT $API_PORT",
                directory: worktree,
            )
            #expect(run.output == "\(first + 3) \(first + 2)\n")
            #expect(run.talk.contains("Leased \(first + 2)–\(first + 3) for fix.shop."))
        }
    }
}
