import Foundation
import Testing

extension EndToEnd {
    /// A stranger's server never answers under an app's name.
    @Suite struct HeldPortTests {}
}

extension EndToEnd.HeldPortTests {
    private func stranger(_ sandbox: Sandbox, _ port: Int) async throws -> Program {
        let stranger = try sandbox.start(
            ["python3", "-m", "http.server", "\(port)", "--bind", "127.0.0.1"]
        )
        try await sandbox.answer("http://127.0.0.1:\(port)/")
        return stranger
    }

    @Test func `a run isn't started on a port that another program has`() async throws {
        try await Sandbox.with { sandbox in
            let port = try FreePort.next()
            let stranger = try await stranger(sandbox, port)
            let refused = try await sandbox.portless(
                "shop",
                "--app-port",
                "\(port)",
                "--",
                "sleep",
                "60",
            )
            #expect(refused.status == 1)
            #expect(
                refused.talk.contains(
                    "Port \(port), for shop.localhost, is held by python3 (\(stranger.processID))."
                ),
                "\(refused.talk)",
            )
            #expect(sandbox.stateFile("routes.json") == "[]")
            // An alias serves whatever listens.
            try await sandbox.portless("alias", "shop", "\(port)")
            try await sandbox.answer(sandbox.url("shop"))
        }
    }

    @Test func `a process in the background waits until its port is free`() async throws {
        try await Sandbox.with { sandbox in
            let port = try FreePort.next()
            try sandbox.write(
                """
                module.exports = { apps: [
                  { name: "shop", script: "\(Apps.path("node-http.js"))", env: { PORT: \(port) } },
                ] };
                """,
                to: "ecosystem.config.cjs",
            )
            try sandbox.write(#"{"name": "shop"}"#, to: "portless.json")
            let stranger = try await stranger(sandbox, port)
            let held = "Port \(port) is held by python3 (\(stranger.processID))."
            let up = try await sandbox.portless("up")
            #expect(up.status == 1)
            #expect(up.talk.contains("shop waits: \(held)"), "\(up.talk)")
            #expect(try await sandbox.portless("ps").talk.contains(held))
            let page = try await sandbox.curl(sandbox.url("shop"))
            #expect(page.status == 502)
            #expect(page.body.contains("is held by python3 (\(stranger.processID))"))
            #expect(page.body.contains("starts as soon as the port is free"))
            stranger.send(SIGKILL)
            _ = try await stranger.finished()
            let echo = try Echo(try await sandbox.answer(sandbox.url("shop")))
            #expect(echo.environment["PORT"] == "\(port)")
            try await sandbox.portless("down")
        }
    }
}
