import Foundation
import Testing

extension EndToEnd {
    /// The API's apps, from outside.
    @Suite struct AppsAPITests {}
}

extension EndToEnd.AppsAPITests {
    /// A plan of one process which listens.
    private func plan(_ app: String, port: Int, _ sandbox: Sandbox) throws -> String {
        let folder = sandbox.project.appending(path: app).path()
        try sandbox.write("web: node server.js\n", to: "\(app)/Procfile")
        return """
            {"plan": {"app": "\(app)", "directory": "\(folder)", "processes": [
              {"name": "web", "command": ["node", "\(Apps.path("node-http.js"))"],
               "directory": "\(folder)", "environment": {"PORT": "\(port)"},
               "inherited": {"PATH": "\(sandbox.environment["PATH"] ?? "")"},
               "ports": {"ui": \(port)}, "primaryPort": \(port),
               "hostnames": ["\(app).localhost"]}]}}
            """
    }

    private func states(_ sandbox: Sandbox) async throws -> String {
        try await sandbox.run(
            "sh",
            "-c",
            "curl -s \(sandbox.api("/api/apps")) | jq -r '.[] | .name + \" \" + .overallStatus'",
        )
    }

    @Test func `several apps are brought up by plans, and deleted one by one`() async throws {
        try await Sandbox.with { sandbox in
            try await sandbox.startServer()
            let ports = try FreePort.block(2)
            for (app, port) in zip(["one", "two"], ports) {
                let answer = try await sandbox.change("/api/up", plan(app, port: port, sandbox))
                #expect(answer.status == 200, "\(answer.body)")
                #expect(answer.body.contains(#""success":true"#), "\(answer.body)")
            }
            try await eventually("both are online") {
                try await states(sandbox) == "one online\ntwo online\n" ? () : nil
            }
            let folder = sandbox.project.appending(path: "one").path()
            let created = try await sandbox.change("/api/apps", #"{"repoPath": "\#(folder)"}"#)
            #expect(created.status == 201, "\(created.body)")
            let deleted = try await sandbox.change("/api/apps/one", method: "DELETE")
            #expect(deleted.status == 204)
            #expect(deleted.body.isEmpty)
            #expect(try await states(sandbox) == "two online\n")
            let url = "http://localhost:\(ports.lowerBound)"
            await #expect(throws: (any Error).self) { try await sandbox.curl(url) }
            #expect(!sandbox.stateFile("apps.json").contains(folder))
            #expect(try await sandbox.change("/api/apps/two", method: "DELETE").status == 204)
        }
    }

    @Test func `the events are as documented, and tell what a command changes`() async throws {
        try await Sandbox.with { sandbox in
            try await sandbox.startServer()
            let types = try await sandbox.run(
                "sh",
                "-c",
                "curl -s \(sandbox.api("/api/openapi.json")) | jq -c "
                    + "'.paths[\"/api/events\"].get.responses[\"200\"].content | keys'",
            )
            #expect(types == "[\"text/event-stream\"]\n")
            let events = try sandbox.start(["curl", "-siN", sandbox.api("/api/events")])
            try await eventually("the first event comes") {
                events.output.contains("\r\n\r\nevent: connected\ndata: {}\n\n") ? () : nil
            }
            #expect(events.output.contains("Content-Type: text/event-stream\r\n"))
            #expect(!events.output.contains("event: apps"))
            // The files are watched from a moment after the first client listens.
            try await eventually("the new app is told: \(events.output)") {
                try await sandbox.portless("apps", "add", ".")
                return events.output.contains("event: apps\ndata: {}\n\n") ? () : nil
            }
            events.send(SIGTERM)
        }
    }
}
