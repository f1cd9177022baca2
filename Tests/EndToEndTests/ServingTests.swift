import Foundation
import Testing

/// All end-to-end suites, one test at a time: they share the machine's two cores and its processes.
@Suite(.serialized, .timeLimit(.minutes(5)))
enum EndToEnd {}

extension EndToEnd {
    @Suite struct ServingTests {}
}

extension EndToEnd.ServingTests {
    private func app(_ name: String) -> String { Apps.path(name) }

    @Test func `node behind its name answers over verified HTTPS`() async throws {
        try await Sandbox.with { sandbox in
            let app = try sandbox.startPortless("myapp", "node", app("node-http.js"), "--port=x")
            let body = try await sandbox.answer(sandbox.url("myapp") + "/a?b=c")
            let echo = try Echo(body)
            #expect(echo.url == "/a?b=c")
            #expect(echo.arguments == ["--port=x"])
            #expect(echo.headers["host"] == "myapp.localhost:\(sandbox.port)")
            #expect(echo.headers["x-forwarded-proto"] == "https")
            #expect(echo.headers["x-forwarded-for"] == "127.0.0.1")
            #expect(echo.headers["x-portless-hops"] == "1")
            #expect(echo.environment["PORTLESS_URL"] == sandbox.url("myapp"))
            #expect(echo.environment["HOST"] == "127.0.0.1")
            #expect(
                echo.environment["__VITE_ADDITIONAL_SERVER_ALLOWED_HOSTS"] == ".localhost"
            )
            let port = try #require(Int(echo.environment["PORT"] ?? ""))
            #expect((4000...4999).contains(port))
            let bundle = try #require(echo.environment["SSL_CERT_FILE"])
            #expect(bundle.hasPrefix(sandbox.state.path()))
            app.send(SIGTERM)
            #expect(try await app.finished().status == 143)
            #expect(sandbox.stateFile("routes.json") == "[]")
        }
    }

    @Test func `plain HTTP is redirected to HTTPS and served without TLS`() async throws {
        try await Sandbox.with { sandbox in
            _ = try sandbox.startPortless("myapp", "node", app("node-http.js"))
            try await sandbox.answer(sandbox.url("myapp"))
            let plain = sandbox.url("myapp", scheme: "http") + "/x"
            #expect(try await sandbox.curl(plain).status == 302)
            #expect(try await sandbox.curl(plain, "-X", "POST").status == 307)
            #expect(try await sandbox.curl(plain, "-L").status == 200)
        }
        try await Sandbox.with(["PORTLESS_HTTPS": "0"]) { sandbox in
            _ = try sandbox.startPortless("myapp", "node", app("node-http.js"))
            let url = sandbox.url("myapp", scheme: "http")
            let echo = try Echo(try await sandbox.answer(url))
            #expect(echo.environment["PORTLESS_URL"] == url)
            #expect(echo.headers["x-forwarded-proto"] == "http")
        }
    }

    @Test(arguments: [
        (["node", "node-express.js"], "express"),
        (["python3", "flask_app.py"], "flask at myapp.localhost"),
    ])
    func `a framework's app is served`(command: [String], expected: String) async throws {
        try await Sandbox.with { sandbox in
            _ = try sandbox.start(
                [Binary.path, "myapp", command[0], app(command[1])]
            )
            #expect(try await sandbox.answer(sandbox.url("myapp")).contains(expected))
        }
    }

    @Test func `uvicorn and http-server are served through a shell's variables`() async throws {
        try await Sandbox.with { sandbox in
            _ = try sandbox.startPortless(
                "api",
                "sh",
                "-c",
                "exec uvicorn --app-dir '\(Apps.folder)' --port $PORT fastapi_app:app",
            )
            let body = try await sandbox.answer(sandbox.url("api"))
            #expect(body.contains("\"app\":\"fastapi\""))
            try sandbox.write("from http.server", to: "index.html")
            _ = try sandbox.startPortless("files", "sh", "-c", "exec python3 -m http.server $PORT")
            #expect(try await sandbox.answer(sandbox.url("files")).contains("from http.server"))
        }
    }

    @Test func `WebSockets work over TLS, over plain HTTP and on the TLS port`() async throws {
        try await Sandbox.with { sandbox in
            _ = try sandbox.startPortless("ws", "node", app("websocket-server.js"))
            try await sandbox.answer(sandbox.url("ws"))
            for scheme in ["wss", "ws"] {
                let client = try await sandbox.start([
                    "python3", app("websocket-client.py"), sandbox.url("ws", scheme: scheme),
                    sandbox.authority,
                ]).finished()
                #expect(client.output == "echoed\n", "\(scheme): \(client.talk.suffix(500))")
            }
        }
    }

    @Test func `a gibibyte goes through in constant memory, both ways`() async throws {
        try await Sandbox.with { sandbox in
            _ = try sandbox.startPortless("big", "node", app("big.js"))
            try await sandbox.answer(sandbox.url("big"))
            let proxy = try #require(sandbox.proxyDaemonID)
            let before = ProcessTable.residentSize(proxy)
            let size = 1 << 30
            let download = try await sandbox.start([
                "sh", "-c",
                "curl -sS --cacert \(sandbox.authority) \(sandbox.url("big"))/\(size) | wc -c",
            ]).finished(within: .seconds(120))
            #expect(Int(download.output.trimmingCharacters(in: .whitespacesAndNewlines)) == size)
            let upload = try await sandbox.start([
                "sh", "-c",
                """
                head -c \(size) /dev/zero |
                curl -sS --cacert \(sandbox.authority) -T - \(sandbox.url("big"))/
                """,
            ]).finished(within: .seconds(120))
            #expect(upload.output == String(size))
            let growth = ProcessTable.residentSize(proxy) - before
            #expect(growth < 32 * 1024, "the proxy grew by \(growth) KiB")
        }
    }

    @Test func `fifty apps start at once and all are reached`() async throws {
        try await Sandbox.with { sandbox in
            // Without a proxy: one of the fifty has to start it, and the others wait for that.
            let names = (1...50).map { "app\($0)" }
            for name in names {
                _ = try sandbox.startPortless(
                    name,
                    "sh",
                    "-c",
                    "exec python3 -m http.server --bind 127.0.0.1 $PORT",
                )
            }
            for name in names { try await sandbox.answer(sandbox.url(name)) }
            let list = try await sandbox.portless("list")
            let ports = list.output.matches(of: /localhost:(\d+)  \(pid/).map { String($0.1) }
            #expect(Set(ports).count == 50)
            let proxies = ProcessTable.all.filter { process in
                process.arguments.contains("proxy start --foreground")
                    && process.environment.contains(sandbox.state.path())
            }
            #expect(Set(proxies.map(\.id)) == Set([sandbox.proxyID, sandbox.proxyDaemonID]))
        }
    }

    @Test(arguments: [
        ["curl", "-sS", "-o", "/dev/null", "-w", "verified"],
        ["python3", Apps.path("verify.py")],
        ["node", Apps.path("verify.js")],
        ["ruby", Apps.path("verify.rb")],
    ])
    func `an app's runtime trusts its siblings' certificates`(client: [String]) async throws {
        try await Sandbox.with { sandbox in
            _ = try sandbox.startPortless("api", "node", app("node-http.js"))
            try await sandbox.answer(sandbox.url("api"))
            let inside = try await sandbox.start(
                [Binary.path, "client"] + client + [sandbox.url("api")]
            ).finished()
            #expect(inside.output.hasSuffix("verified"), "\(inside.talk)")
            let outside = try await sandbox.start(client + [sandbox.url("api")]).finished()
            #expect(outside.status != 0)
        }
    }
}
