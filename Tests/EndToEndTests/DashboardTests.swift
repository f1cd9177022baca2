import Foundation
import Testing

extension EndToEnd {
    /// The dashboard in Chromium; `Browser/` holds what it does there, in Python.
    @Suite(.serialized) struct DashboardTests {
        @Test(
            .timeLimit(.minutes(3)),
            arguments: [
                "apps.first_load", "apps.events", "apps.actions", "apps.hostile", "apps.many",
                "apps.terminals",
                "browser.managed", "crashes.watching", "crashes.record", "crashes.recorded",
                "jobs.running", "jobs.hostile",
                "logs.following", "logs.reading", "logs.flood",
                "page.keyboard", "page.narrow", "page.dark", "page.connection", "page.accessible",
                "ports.port_map", "ports.table", "ports.leases",
                "traffic.live", "traffic.hostile_traffic", "traffic.packed", "traffic.sockets",
                "traffic.restart_of_the_proxy",
            ],
        )
        func `in a real browser`(name: String) async throws {
            try await Sandbox.with { sandbox in
                let script = URL(filePath: #filePath).deletingLastPathComponent()
                    .appending(path: "Browser/dashboard.py").path()
                let result = try await sandbox.start(
                    ["python3", script, name],
                    environment: [
                        "PORTLESS_TEST_BINARY": Binary.path,
                        "DASHBOARD_TEST_ROOT": sandbox.project.path(),
                        "PYTHONDONTWRITEBYTECODE": "1",
                    ],
                ).finished()
                #expect(result.status == 0, "\(result.output)\n\(result.talk)")
            }
        }

        @Test func `the development server serves a folder, and passes the API on`() async throws {
            try await Sandbox.with { sandbox in
                try sandbox.write("<title>mine</title>", to: "page/index.html")
                try sandbox.write("export const a = 1;", to: "page/lib/a.js")
                try sandbox.write("secret", to: "page/.env")
                try sandbox.write("secret", to: "secret.js")
                let port = try FreePort.next()
                let server = try sandbox.startPortless(
                    "dashboard",
                    "--dev",
                    "--port",
                    "\(port)",
                    "page",
                )
                try await eventually("the link") { server.output.contains("/session/") ? () : nil }
                let base = "http://localhost:\(port)"
                func get(_ path: String) async throws -> Sandbox.Response {
                    try await sandbox.curl(base + path, "--path-as-is")
                }
                #expect(try await get("/").body == "<title>mine</title>")
                #expect(try await get("/assets/lib/a.js").body == "export const a = 1;")
                try sandbox.write("export const a = 2;", to: "page/lib/a.js")
                #expect(try await get("/assets/lib/a.js").body == "export const a = 2;")
                for path in ["/assets/../secret.js", "/assets/.env", "/assets/lib/../../secret.js"]
                {
                    #expect(try await get(path).status == 404, "\(path)")
                }
                #expect(try await get("/api/health").body.contains("\"name\":\"portless\""))
                for path in ["/", "/assets/lib/a.js", "/api/apps"] {
                    let answer = try await sandbox.curl(base + path, "-H", "Host: evil.example")
                    #expect(answer.status == 403, "\(path)")
                }
                let change = try await sandbox.curl(
                    base + "/api/ports/allocate",
                    "-X",
                    "POST",
                    "-H",
                    "Content-Type: application/json",
                    "-d",
                    "{\"count\":1}",
                )
                #expect(change.status == 401)
                let events = try await sandbox.start([
                    "curl", "-s", "-m", "3", base + "/api/events",
                ]).finished()
                #expect(events.output.contains("event: connected"))
                #expect(events.output.contains(": \n"))
                server.send(SIGTERM)
            }
        }
    }
}
