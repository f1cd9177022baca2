import Foundation
import Testing

extension EndToEnd {
    /// `portless run --detach`, and `wait` for whatever has a name.
    @Suite struct DetachedRunTests {}
}

extension EndToEnd.DetachedRunTests {
    @Test func `one command runs in the background as a project does`() async throws {
        try await Sandbox.with { sandbox in
            try await sandbox.portless("proxy", "start", "--no-tls")
            let command = ["python3", Apps.path("warming.py")]
            func detach(
                _ flags: String...,
                command: [String],
                in folder: URL? = nil,
            )
                async throws -> Program.Result
            {
                let call = [Binary.path, "run", "--detach", "--name", "shop"] + flags + command
                return try await sandbox.start(
                    call,
                    environment: ["READY_AFTER": "1"],
                    directory: folder,
                ).finished()
            }
            let started = try WaitAnswer(await detach("--json", command: command))
            #expect(started.outcome == "ready" && started.apps.first?.name == "shop")
            let pid = try #require(started.process?.pid)
            let page = try await sandbox.curl(sandbox.url("shop", scheme: "http"))
            #expect(page.body == "\(pid)")

            let again = try await detach("--json", command: command)
            #expect(again.talk.contains("shop runs already."))
            #expect(try WaitAnswer(again).process?.pid == pid)
            let other = try await detach(command: ["sleep", "1000"])
            #expect(other.status == 1)
            #expect(other.talk.contains("shop runs already from this folder, with another command"))
            let elsewhere = try await detach(command: command, in: sandbox.root)
            #expect(elsewhere.status == 1)
            #expect(
                elsewhere.talk.contains("An app called shop runs from \(sandbox.project.path())")
            )

            #expect(try await sandbox.portless("ps").output.contains("shop  shop"))
            #expect(try await sandbox.portless("logs", "shop").output.contains("listening\n"))
            #expect(try await sandbox.portless("restart", "shop").status == 0)
            let waited = try await sandbox.portless("wait", "shop")
            #expect(waited.status == 0)
            #expect(waited.output == "\(sandbox.url("shop", scheme: "http"))\n")
            #expect(!ProcessTable.exists(pid))
            #expect(try await sandbox.portless("down", "shop").status == 0)

            let crashed = try WaitAnswer(
                await sandbox.portless("blog", "--detach", "--json", "sh", "-c", "echo no; exit 3")
            )
            #expect(crashed.outcome == "crashed")
            #expect(crashed.process?.lastLines.contains("no") == true)
        }
    }

    @Test func `wait takes an app in a terminal that comes later, and an alias`() async throws {
        try await Sandbox.with { sandbox in
            try await sandbox.portless("proxy", "start", "--no-tls")
            let waiting = try sandbox.startPortless("wait", "blog", "--json")
            let app = try sandbox.start(
                [Binary.path, "blog", "python3", Apps.path("warming.py")],
                environment: ["LISTEN_AFTER": "1", "READY_AFTER": "2"],
            )
            let ready = try WaitAnswer(await waiting.finished())
            #expect(ready.outcome == "ready", "\(waiting.talk)")
            #expect(ready.apps.first?.kind == "terminal")
            let url = sandbox.url("blog", scheme: "http")
            #expect(ready.apps.first?.url == url)
            #expect(try await sandbox.curl(url).status == 200)

            let port = try FreePort.next()
            try await sandbox.portless("alias", "db", "\(port)")
            let late = try WaitAnswer(
                await sandbox.portless("wait", "db", "--timeout", "1", "--json")
            )
            #expect(late.outcome == "timed-out" && late.apps.first?.kind == "alias")
            #expect(late.process?.problem == "It doesn't listen on port \(port).")

            let gone = try sandbox.startPortless("wait", "news", "--json")
            let brief = try sandbox.startPortless("news", "sleep", "2")
            let ended = try WaitAnswer(await gone.finished())
            #expect(ended.outcome == "crashed" && ended.error?.message.contains("ended") == true)
            try await brief.finished()
            app.send(SIGTERM)
            try await app.finished()
        }
    }
}
