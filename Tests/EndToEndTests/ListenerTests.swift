import Foundation
import Testing

extension EndToEnd {
    /// A name never leads to another app's listener; strangers pass with a warning.
    @Suite struct ListenerTests {}
}

extension EndToEnd.ListenerTests {
    @Test func `a port that another app has taken is not served under the old name`() async throws {
        try await Sandbox.with { sandbox in
            let port = try FreePort.next()
            let idle = try sandbox.startPortless(
                "first",
                "--app-port",
                "\(port)",
                "--",
                "sleep",
                "3600",
            )
            try await eventually("first is registered") {
                sandbox.stateFile("routes.json").contains("first.localhost") ? () : nil
            }
            let taker = try sandbox.startPortless(
                "second",
                "--app-port",
                "\(port)",
                "--",
                "node",
                Apps.path("node-http.js"),
            )
            try await sandbox.answer(sandbox.url("second"))
            let refused = try await sandbox.curl(sandbox.url("first"))
            #expect(refused.status == 502)
            #expect(refused.body.contains("is held by another app (second.localhost, pid"))
            #expect(idle.status == nil && taker.status == nil)
        }
    }

    @Test func `a listener that portless did not start is served, with a warning`() async throws {
        try await Sandbox.with { sandbox in
            let port = try FreePort.next()
            _ = try sandbox.startPortless(
                "outside",
                "--app-port",
                "\(port)",
                "--",
                "sleep",
                "3600",
            )
            // One that was there before the run would be a reason to refuse it.
            try await eventually("outside is registered") {
                sandbox.stateFile("routes.json").contains("outside.localhost") ? () : nil
            }
            _ = try sandbox.start(
                ["python3", "-m", "http.server", "\(port)", "--bind", "127.0.0.1"]
            )
            try await sandbox.answer(sandbox.url("outside"))
            #expect(
                sandbox.stateFile("proxy.log").contains(
                    "port \(port) is held by a process that portless did not start"
                )
            )
        }
    }

    @Test func `a name ends with its owner, though no file changes and the app serves`()
        async throws
    {
        try await Sandbox.with { sandbox in
            let port = try FreePort.next()
            _ = try sandbox.start(
                ["python3", "-m", "http.server", "\(port)", "--bind", "127.0.0.1"]
            )
            try await sandbox.answer("http://127.0.0.1:\(port)/")
            let owner = try sandbox.start(["sleep", "1000"])
            try await sandbox.portless("proxy", "start")
            let routes =
                #"[{"hostname":"shop.localhost","port":\#(port),"pid":\#(owner.processID)}]"#
            try Data(routes.utf8).write(to: sandbox.state.appending(path: "routes.json"))
            try await sandbox.answer(sandbox.url("shop"))
            owner.send(SIGKILL)
            _ = try await owner.finished()
            try await eventually("the name is gone", within: .seconds(10)) {
                try await sandbox.curl(sandbox.url("shop")).status == 404 ? () : nil
            }
            #expect(sandbox.stateFile("routes.json") == routes)
        }
    }

    @Test func `the page of an unknown name lists only apps whose owners live`() async throws {
        try await Sandbox.with { sandbox in
            let owners = [
                try sandbox.start(["sleep", "1000"]), try sandbox.start(["sleep", "1000"]),
            ]
            try await sandbox.portless("proxy", "start")
            let routes = zip(["shop", "blog"], owners).map { name, owner in
                #"{"hostname":"\#(name).localhost","port":4999,"pid":\#(owner.processID)}"#
            }
            try Data("[\(routes.joined(separator: ","))]".utf8)
                .write(to: sandbox.state.appending(path: "routes.json"))
            func page() async throws -> String {
                try await sandbox.curl(sandbox.url("nothing"), "-H", "Accept: text/html").body
            }
            #expect(try await page().contains("shop.localhost"))
            owners[0].send(SIGKILL)
            _ = try await owners[0].finished()
            try await eventually("it isn't listed any more", within: .seconds(2)) {
                try await page().contains("shop.localhost") ? nil : ()
            }
            #expect(try await page().contains("blog.localhost"))
        }
    }
}
