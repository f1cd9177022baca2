import Foundation
import Testing

extension EndToEnd {
    /// Whatever dies, however it dies: nothing is left behind, and the next start is a normal one.
    @Suite struct CrashTests {}
}

extension EndToEnd.CrashTests {
    private func startAndAnswer(_ sandbox: Sandbox) async throws -> Program {
        let app = try sandbox.startPortless("myapp", "node", Apps.path("node-http.js"))
        try await sandbox.answer(sandbox.url("myapp"))
        return app
    }

    @Test func `a killed app ends its run with 137 and frees its name`() async throws {
        try await Sandbox.with { sandbox in
            let app = try await startAndAnswer(sandbox)
            let child = try #require(
                ProcessTable.all.first { process in
                    process.arguments.hasPrefix("node ")
                        && process.environment.contains(sandbox.state.path())
                }
            )
            kill(child.id, SIGKILL)
            #expect(try await app.finished().status == 137)
            #expect(sandbox.stateFile("routes.json") == "[]")
            let again = try await startAndAnswer(sandbox)
            #expect(again.status == nil)
        }
    }

    @Test func `a killed command line leaves neither processes nor a route`() async throws {
        try await Sandbox.with { sandbox in
            let app = try sandbox.startPortless("family", "node", Apps.path("family.js"))
            let family = try JSONDecoder().decode(
                [Int32].self,
                from: Data(try await sandbox.answer(sandbox.url("family")).utf8),
            )
            #expect(family.count == 3)
            app.send(SIGKILL)
            for id in family {
                try await eventually("process \(id) ends") {
                    ProcessTable.exists(id) ? nil : ()
                }
            }
            let list = try await sandbox.portless("list")
            #expect(list.output.contains("No active routes"))
            _ = try await startAndAnswer(sandbox)
        }
    }

    @Test func `a killed proxy is replaced by the next start, which keeps the routes`() async throws
    {
        try await Sandbox.with { sandbox in
            _ = try await startAndAnswer(sandbox)
            let proxy = try #require(sandbox.proxyID)
            kill(proxy, SIGKILL)
            try await eventually("the proxy is gone") { ProcessTable.exists(proxy) ? nil : () }
            let start = try await sandbox.portless("proxy", "start")
            #expect(start.status == 0, "\(start.talk)")
            try await sandbox.answer(sandbox.url("myapp"))
            #expect(sandbox.proxyID != proxy)
        }
    }

    @Test func `a killed proxy is replaced by the next app as well`() async throws {
        try await Sandbox.with { sandbox in
            _ = try await startAndAnswer(sandbox)
            let proxy = try #require(sandbox.proxyID)
            kill(proxy, SIGKILL)
            try await eventually("the proxy is gone") { ProcessTable.exists(proxy) ? nil : () }
            _ = try sandbox.startPortless("other", "node", Apps.path("node-http.js"))
            try await sandbox.answer(sandbox.url("other"))
            try await sandbox.answer(sandbox.url("myapp"))
        }
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
    func `a signal is passed on, and the app's own end with it`(signal: Int32) async throws {
        try await Sandbox.with { sandbox in
            let app = try await startAndAnswer(sandbox)
            app.send(signal)
            #expect(try await app.finished().status == 128 + signal)
            #expect(sandbox.stateFile("routes.json") == "[]")
        }
    }

    @Test func `the app's exit code is the command's`() async throws {
        try await Sandbox.with { sandbox in
            let app = try await sandbox.portless("myapp", "sh", "-c", "exit 42")
            #expect(app.status == 42, "\(app.talk)")
            let missing = try await sandbox.portless("myapp", "no-such-program-here")
            #expect(missing.status == 127)
            #expect(missing.talk.contains("no-such-program-here"))
        }
    }
}
