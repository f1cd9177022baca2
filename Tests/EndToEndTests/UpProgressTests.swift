import Foundation
import Testing

extension EndToEnd {
    /// What `portless up` says of processes that don't stay up, or have nothing to listen on.
    @Suite struct UpProgressTests {}
}

extension EndToEnd.UpProgressTests {
    @Test func `what ends within its first second is never called online`() async throws {
        try await Sandbox.with { sandbox in
            try sandbox.write(
                """
                {"name": "brief", "processes": {
                  "job": {"command": ["sh", "-c", "echo hello; sleep 0.6; echo bye; exit 3"]}}}
                """,
                to: "portless.json",
            )
            let up = try await sandbox.portless("up")
            #expect(up.status == 1)
            #expect(!up.talk.contains("job is online") && !up.talk.contains("job is running"))
            #expect(up.talk.contains("job is crash-looping: It exited with code 3."))
            #expect(up.talk.contains("  bye\n"), "\(up.talk)")
            try await sandbox.portless("down")
        }
    }

    @Test func `up says what a process does that takes long to listen`() async throws {
        try await Sandbox.with { sandbox in
            let server = "node \(Apps.path("node-http.js"))"
            try sandbox.write(
                "web: echo Compiling; sleep 7; exec \(server)\n",
                to: "Procfile",
            )
            let start = ContinuousClock.now
            let up = try await sandbox.portless("up")
            #expect(up.status == 0)
            #expect(up.talk.contains("web doesn't listen on port "), "\(up.talk)")
            #expect(up.talk.contains(" yet; its last line is: Compiling\n"))
            #expect(up.talk.contains("web is online"))
            #expect(start.duration(to: .now) < .seconds(25))
            try await sandbox.portless("down")
        }
    }

    @Test func `a process without a port runs, and isn't waited for`() async throws {
        try await Sandbox.with { sandbox in
            try sandbox.write(
                "web: node \(Apps.path("node-http.js"))\nworker: sleep 1000\n",
                to: "Procfile",
            )
            let start = ContinuousClock.now
            let up = try await sandbox.portless("up")
            #expect(up.status == 0)
            #expect(up.talk.contains("worker is running"), "\(up.talk)")
            #expect(up.talk.contains("web is online"))
            #expect(start.duration(to: .now) < .seconds(15))
            #expect(try await sandbox.portless("ps").output.contains("running"))
            // Who leads the group is known to tools that look for what a killed keeper has left.
            let routes = sandbox.stateFile("routes.json")
            #expect(routes.contains("\"childPgid\": ") && routes.contains("\"childStartTime\": "))
            try await sandbox.portless("down")
        }
    }

    @Test func `what a framework's host check wants is said`() async throws {
        try await Sandbox.with { sandbox in
            try sandbox.write("web: node \(Apps.path("node-http.js"))\n", to: "Procfile")
            try sandbox.write(
                #"os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")"#,
                to: "manage.py",
            )
            try sandbox.write("ALLOWED_HOSTS = ['example.com']\n", to: "shop/settings.py")
            let up = try await sandbox.portless("up")
            #expect(up.status == 0)
            let advice = #"add ".localhost" to ALLOWED_HOSTS in shop/settings.py."#
            #expect(up.talk.components(separatedBy: advice).count == 2, "\(up.talk)")
            try await sandbox.portless("down")
        }
    }
}
