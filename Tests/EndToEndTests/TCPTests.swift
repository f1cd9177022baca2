import Foundation
import Testing

extension EndToEnd {
    /// Names for what speaks no HTTP, told apart by TLS on the proxy's port.
    @Suite struct TCPTests {}
}

extension EndToEnd.TCPTests {
    private func ask(
        _ name: String,
        _ text: String,
        asksFirst: Bool = false,
        in sandbox: Sandbox,
    ) async throws -> String {
        let words = ["python3", Apps.path("tls-client.py"), name, "\(sandbox.port)"]
        let rest = [sandbox.authority, "\(text)\n"] + (asksFirst ? ["--postgres"] : [])
        return try await sandbox.start(words + rest).finished().output
    }

    @Test func `an alias is reached by TLS, and by PostgreSQL's way into it`() async throws {
        try await Sandbox.with { sandbox in
            let port = try FreePort.next()
            _ = try sandbox.start(
                ["node", Apps.path("tcp-echo.js")],
                environment: ["DB_PORT": "\(port)"],
            )
            #expect(
                try await sandbox.start([
                    Binary.path, "proxy", "start", "-p", "\(sandbox.port)",
                ]).finished().status == 0
            )
            let added = try await sandbox.portless("alias", "db.shop", "\(port)", "--tcp")
            let address = "db.shop.localhost:\(sandbox.port)"
            #expect(added.output.contains("\(address), with TLS  ->  localhost:\(port)"))
            try await eventually("the echo answers") {
                try await ask("db.shop.localhost", "one", in: sandbox) == "echo: one\n" ? () : nil
            }
            #expect(
                try await ask("db.shop.localhost", "two", asksFirst: true, in: sandbox)
                    == "echo: two\n"
            )
            let unknown = try await ask("x.localhost", "three", asksFirst: true, in: sandbox)
            #expect(unknown.contains("x.localhost is no TCP name"))

            #expect(try await sandbox.portless("get", "db.shop").output == "\(address)\n")
            let list = try await sandbox.portless("list").output
            #expect(list.contains("  \(address) (TLS)  ->  localhost:\(port)  (alias)\n"))
            let page = try await sandbox.curl(sandbox.url("db.shop"))
            #expect(page.status == 421)
            #expect(page.body.contains("db.shop.localhost is a TCP name"))
        }
    }

    @Test func `a label of a run and of an app in the background has one`() async throws {
        try await Sandbox.with { sandbox in
            let app = "node '\(Apps.path("tcp-echo.js"))'"
            try sandbox.write(
                """
                { "name": "shop", "processes": { "web": { "command": "\(app)" } },
                  "ports": { "ui": "auto", "db": { "tcp": true } } }
                """,
                to: "portless.json",
            )
            let run = try sandbox.startPortless(
                "run",
                "node",
                Apps.path("tcp-echo.js"),
                environment: ["WHO": "run"],
            )
            try await eventually("the run's label answers") {
                try await ask("db.shop.localhost", "a", in: sandbox) == "run: a\n" ? () : nil
            }
            #expect(try await sandbox.curl(sandbox.url("shop")).body == "page")
            run.send(SIGTERM)
            _ = try await run.finished()
            #expect(!(try await sandbox.portless("list").output.contains("db.shop")))

            #expect(try await sandbox.portless("up").status == 0)
            try await eventually("the app's label answers") {
                try await ask("db.shop.localhost", "b", in: sandbox) == "echo: b\n" ? () : nil
            }
            #expect(try await sandbox.curl(sandbox.url("shop")).body == "page")
        }
    }

    @Test func `what can't be is refused in a sentence`() async throws {
        try await Sandbox.with { sandbox in
            let both = try await sandbox.portless("alias", "db", "5432", "--tcp", "--h2c")
            #expect(both.status == 1)
            #expect(both.talk.contains("--h2c, --tcp and --https-upstream exclude each other."))
            try sandbox.write(
                #"{ "name": "shop", "ports": { "db": { "tcp": "yes" } } }"#,
                to: "portless.json",
            )
            let run = try await sandbox.portless("run", "true")
            #expect(run.status == 1)
            #expect(run.talk.contains(#""ports.db.tcp""#))
        }
    }
}
