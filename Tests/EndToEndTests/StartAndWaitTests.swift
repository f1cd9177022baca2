import Foundation
import Testing

extension EndToEnd {
    /// `portless up --wait`, `run --detach` and `wait`: they return when servers answer.
    @Suite struct StartAndWaitTests {}
}

extension EndToEnd.StartAndWaitTests {
    @Test func `eight callers wait for one slow server and get the same answer`() async throws {
        try await Sandbox.with { sandbox in
            try await sandbox.portless("proxy", "start", "--no-tls")
            try sandbox.writeWarming(listenAfter: 1, readyAfter: 3)
            let callers = try (0..<8).map { _ in
                try sandbox.startPortless("up", "--wait", "--json")
            }
            var answers: [WaitAnswer] = []
            for caller in callers { answers.append(try WaitAnswer(await caller.finished())) }
            let first = try #require(answers.first)
            #expect(first.outcome == "ready" && first.error == nil)
            #expect(answers.allSatisfy { $0 == first }, "\(answers)")
            let page = try await sandbox.curl(try #require(first.apps.first?.url))
            #expect(page.body == first.process?.pid.map { "\($0)" })
            try await sandbox.portless("down")
        }
    }

    @Test func `each kind of failure has its code, and says what it is`() async throws {
        try await Sandbox.with { sandbox in
            try await sandbox.portless("proxy", "start", "--no-tls")
            try sandbox.writeWarming(readyAfter: 600, health: #"{"path": "/healthz"}"#)
            let late = try WaitAnswer(await sandbox.portless("up", "--wait=2", "--json"))
            #expect(late.outcome == "timed-out" && late.exitCode == 4)
            #expect(late.process?.state == "online")
            #expect(late.process?.problem == "It answers /healthz with 503, not 200–399.")
            #expect(late.process?.lastLines.last == "listening")
            // It answers from now on, and isn't restarted for that.
            try sandbox.writeWarming(readyAfter: 600, health: #"{"path": "/", "status": [503]}"#)
            let ready = try WaitAnswer(await sandbox.portless("up", "--wait=20", "--json"))
            #expect(ready.outcome == "ready" && ready.process?.pid == late.process?.pid)
            try await sandbox.portless("down")
            let stopped = try WaitAnswer(await sandbox.portless("wait", "shop", "--json"))
            #expect(stopped.outcome == "crashed" && stopped.process?.state == "stopped")

            try sandbox.write(
                #"{"name": "shop", "processes": {"web": "sh -c 'echo boom; exit 7'"}}"#,
                to: "portless.json",
            )
            let crashed = try await sandbox.portless("up", "--wait", "--json")
            let answer = try WaitAnswer(crashed)
            #expect(answer.outcome == "crashed" && answer.exitCode == 3)
            #expect(answer.process?.lastLines.contains("boom") == true, "\(crashed.output)")
            try await sandbox.portless("down")

            try sandbox.write("{", to: "portless.json")
            let wrong = try WaitAnswer(await sandbox.portless("up", "--wait", "--json"))
            #expect(wrong.outcome == "misconfigured" && wrong.exitCode == 6 && wrong.apps.isEmpty)
            #expect(wrong.error?.message.contains("portless.json is no valid JSON") == true)
            let missing = try WaitAnswer(
                await sandbox.portless("wait", "nothing", "--timeout", "1", "--json")
            )
            #expect(missing.outcome == "not-found" && missing.exitCode == 7)
            // Without these flags it is as before.
            #expect(try await sandbox.portless("up").status == 1)
        }
    }

    @Test func `a port that another program has is told at once`() async throws {
        try await Sandbox.with { sandbox in
            let port = try FreePort.next()
            let stranger = try sandbox.start([
                "python3", "-m", "http.server", "\(port)", "--bind", "127.0.0.1",
            ])
            try await sandbox.answer("http://127.0.0.1:\(port)/")
            try sandbox.write("web: node server.js\n", to: "Procfile")
            try sandbox.write("PORT=\(port)\n", to: ".env")
            try sandbox.write(#"{"name": "shop"}"#, to: "portless.json")
            let held = try WaitAnswer(await sandbox.portless("up", "--wait", "--json"))
            #expect(held.outcome == "port-held" && held.exitCode == 5)
            #expect(
                held.process?.problem == "Port \(port) is held by python3 (\(stranger.processID))."
            )
            try await sandbox.portless("down")
        }
    }

    @Test func `Ctrl-C ends the waiting, and a killed server or keeper doesn't`() async throws {
        try await Sandbox.with { sandbox in
            try await sandbox.portless("proxy", "start", "--no-tls")
            try sandbox.writeWarming(readyAfter: 600)
            let interrupted = try sandbox.startPortless("up", "--wait", "--json")
            try await interrupted.waitForTalk("isn't ready: it answers with 503")
            interrupted.send(SIGINT)
            let answer = try WaitAnswer(await interrupted.finished())
            #expect(answer.outcome == "interrupted" && answer.exitCode == 130)
            #expect(interrupted.talk.contains("shop goes on in the background."))
            let pid = try #require(answer.process?.pid)
            #expect(ProcessTable.exists(pid))
            try await sandbox.portless("down")

            try sandbox.writeWarming(readyAfter: 6)
            let waiting = try sandbox.startPortless("up", "--wait", "--json")
            let other = try sandbox.startPortless("wait", "shop", "--json")
            try await waiting.waitForTalk("isn't ready: it answers with 503")
            kill(try #require(sandbox.serverDaemonID), SIGKILL)
            let keeper = ProcessTable.all.first { entry in
                entry.arguments.contains("__keeper")
                    && entry.arguments.contains(sandbox.state.path())
            }
            kill(try #require(keeper?.id), SIGKILL)
            let ready = try WaitAnswer(await waiting.finished())
            #expect(ready.outcome == "ready", "\(waiting.output) \(waiting.talk)")
            #expect(ready.process?.pid.map(ProcessTable.exists) == true)
            let same = try WaitAnswer(await other.finished())
            #expect(same.outcome == "ready", "\(other.talk)")
            try await sandbox.portless("down")
        }
    }
}
