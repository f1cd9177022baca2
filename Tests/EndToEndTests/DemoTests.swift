import Foundation
import Testing

extension EndToEnd {
    @Suite struct DemoTests {}
}

extension EndToEnd.DemoTests {
    @Test func `once, the demo checks itself and ends`() async throws {
        try await Sandbox.with { sandbox in
            let demo = try await sandbox.portless("demo", "--once")
            #expect(demo.status == 0, "\(demo.talk)")
            #expect(demo.output.contains(sandbox.url("demo")))
            #expect(sandbox.stateFile("routes.json") == "[]")
        }
    }

    @Test func `the demo stays until it is interrupted`() async throws {
        try await Sandbox.with { sandbox in
            let demo = try sandbox.startPortless("demo")
            let page = try await sandbox.answer(sandbox.url("demo"))
            #expect(page.contains("demo.localhost"))
            #expect(page.contains("portless Local CA"))
            #expect(page.utf8.count < 8 * 1024)
            demo.send(SIGINT)
            _ = try await demo.finished()
            #expect(sandbox.stateFile("routes.json") == "[]")
        }
    }

    @Test func `an app called demo is no demo`() async throws {
        try await Sandbox.with { sandbox in
            _ = try sandbox.startPortless("demo", "node", Apps.path("node-http.js"))
            #expect(try await sandbox.answer(sandbox.url("demo")).contains("node-http"))
        }
    }
}
