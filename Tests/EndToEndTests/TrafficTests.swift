import Foundation
import Testing

extension EndToEnd {
    /// `portless traffic`, and traffic in the API, with real apps and clients.
    @Suite struct TrafficTests {}
}

extension EndToEnd.TrafficTests {
    /// Sends requests until the watcher has printed one; it may not be attached yet.
    private func attach(_ watcher: Program, _ sandbox: Sandbox, _ app: String) async throws {
        try await eventually("the watcher prints: \(watcher.talk)") {
            _ = try await sandbox.curl(sandbox.url(app) + "/attach")
            return watcher.output.contains("/attach") ? () : nil
        }
    }

    private func serve(_ name: String, _ sandbox: Sandbox) async throws {
        _ = try sandbox.startPortless(name, "node", Apps.path("node-http.js"))
        try await sandbox.answer(sandbox.url(name))
    }

    private func entries(_ file: URL, _ sandbox: Sandbox) async throws -> [[String: Any]] {
        let check = try await sandbox.start(["python3", Apps.path("har-check.py"), file.path()])
            .finished()
        try #require(check.status == 0, "\(check.talk)")
        let json = try JSONSerialization.jsonObject(with: Data(contentsOf: file))
        let log = (json as? [String: Any])?["log"] as? [String: Any]
        return log?["entries"] as? [[String: Any]] ?? []
    }

    @Test func `without a proxy it says so, and a word behind it is an app`() async throws {
        try await Sandbox.with { sandbox in
            let result = try await sandbox.portless("traffic")
            #expect(result.status == 1)
            #expect(result.talk.contains("No proxy runs"))
            let slip = try await sandbox.portless("traffic", "--status", "x")
            #expect(slip.talk.contains("--status takes a status, and not \"x\"."))
            let app = try sandbox.startPortless("traffic", "node", Apps.path("node-http.js"))
            try await sandbox.answer(sandbox.url("traffic"))
            app.send(SIGTERM)
            try await app.finished()
        }
    }

    @Test func `requests are shown as they happen, and written to a HAR file at Ctrl-C`()
        async throws
    {
        try await Sandbox.with { sandbox in
            try await serve("shop", sandbox)
            let file = sandbox.root.appending(path: "out.har")
            let watcher = try sandbox.startPortless("traffic", "shop", "--har", file.path())
            let lines = try sandbox.startPortless("traffic", "--json", "--status", "404")
            try await attach(watcher, sandbox, "shop")
            _ = try await sandbox.curl(
                sandbox.url("shop") + "/form?token=s3cret",
                "--http1.1",
                "-d",
                "user=a&password=s3cret",
                "-H",
                "Authorization: Bearer s3cret",
                "-H",
                "Cookie: a=s3cret",
            )
            _ = try await sandbox.curl(sandbox.url("nope") + "/x")
            try await eventually("the form in: \(watcher.output)") {
                watcher.output.contains("/form?token=•••") ? () : nil
            }
            try await eventually("the 404 in: \(lines.output)") {
                lines.output.contains(#""failure":"No app is registered for nope.localhost.""#)
                    ? () : nil
            }
            watcher.send(SIGINT)
            lines.send(SIGINT)
            let ended = try await watcher.finished()
            #expect(ended.status == 0)
            #expect(!ended.output.contains("nope"))
            #expect(!ended.output.contains("\u{1B}"))
            #expect(try await lines.finished().status == 0)
            let all = try await entries(file, sandbox)
            let form = try #require(all.last?["request"] as? [String: Any])
            #expect(form["method"] as? String == "POST")
            #expect((form["headers"] as? [Any])?.isEmpty == false)
            // The app repeats in its answer what it got, and bodies are shown as they are.
            #expect(!"\(form)".contains("s3cret"))
            let content = (all.last?["response"] as? [String: Any])?["content"] as? [String: Any]
            #expect((content?["text"] as? String)?.contains("/form") == true)
            let mode = try FileManager.default.attributesOfItem(atPath: file.path())
            #expect(mode[.posixPermissions] as? Int == 0o600)
        }
    }

    @Test func `what is recorded already is shown with -n, with its secrets if asked`() async throws
    {
        try await Sandbox.with { sandbox in
            try await serve("shop", sandbox)
            let nothing = try await sandbox.portless("traffic", "-n", "5")
            #expect(nothing.status == 0)
            #expect(nothing.talk.contains("Nothing is recorded."))
            let watcher = try sandbox.startPortless("traffic", "--inspect")
            try await attach(watcher, sandbox, "shop")
            for number in 1...3 {
                _ = try await sandbox.curl(sandbox.url("shop") + "/\(number)?token=s3cret")
            }
            try await eventually("all in: \(watcher.output)") {
                watcher.output.contains("/3?") ? () : nil
            }
            let last = try await sandbox.portless("traffic", "-n", "2", "shop")
            let lines = last.output.split(separator: "\n")
            #expect(lines.count == 2)
            #expect(lines.last?.hasSuffix("  shop.localhost  /3?token=•••") == true)
            let shown = try await sandbox.portless("traffic", "-n", "1", "--reveal")
            #expect(shown.output.contains("/3?token=s3cret"))
            let file = sandbox.root.appending(path: "last.har")
            let absent = sandbox.root.appending(path: "absent/x.har").path()
            let refused = try await sandbox.portless("traffic", "--har", absent)
            #expect(refused.status == 1)
            #expect(refused.talk.contains("The HAR file \(absent) can't be written: there is no"))
            #expect(refused.talk.contains("Make the folder, or name a file in another one."))
            let written = try await sandbox.portless("traffic", "-n", "2", "--har", file.path())
            #expect(written.status == 0)
            #expect(try await entries(file, sandbox).count == 2)
            watcher.send(SIGKILL)
            try await watcher.finished()
            #expect(try await sandbox.curl(sandbox.url("shop")).status == 200)
        }
    }

    @Test func `a watcher goes on when the proxy is replaced, and when it dies`() async throws {
        try await Sandbox.with { sandbox in
            try await serve("shop", sandbox)
            let watcher = try sandbox.startPortless("traffic", "shop")
            try await attach(watcher, sandbox, "shop")
            try await sandbox.portless("proxy", "restart")
            try await watcher.waitForTalk("-- Connected to the next proxy.")
            try await eventually("the next one in: \(watcher.output)") {
                _ = try? await sandbox.curl(sandbox.url("shop") + "/replaced")
                return watcher.output.contains("/replaced") ? () : nil
            }
            kill(try #require(sandbox.proxyDaemonID), SIGKILL)
            try await eventually("the last one in: \(watcher.output) \(watcher.talk)") {
                _ = try? await sandbox.curl(sandbox.url("shop") + "/died")
                return watcher.output.contains("/died") ? () : nil
            }
            watcher.send(SIGTERM)
            #expect(try await watcher.finished().status == 0)
            try await sandbox.portless("proxy", "stop")
            let socket = sandbox.state.appending(path: "proxy.traffic.sock").path()
            #expect(!FileManager.default.fileExists(atPath: socket))
        }
    }

    @Test func `the API shows WebSocket messages, and sends a request again`() async throws {
        try await Sandbox.with { sandbox in
            try await sandbox.startServer()
            _ = try sandbox.startPortless("ws", "node", Apps.path("websocket-server.js"))
            try await sandbox.answer(sandbox.url("ws"))
            try await serve("shop", sandbox)
            func traffic(_ query: String) async throws -> [[String: Any]] {
                let answer = try await sandbox.curl(sandbox.api("/api/traffic\(query)"))
                let json = try JSONSerialization.jsonObject(with: Data(answer.body.utf8))
                return (json as? [String: Any])?["records"] as? [[String: Any]] ?? []
            }
            for app in ["ws", "shop"] {
                let body = #"{"host":"\#(app).localhost","on":true}"#
                #expect(try await sandbox.change("/api/traffic/inspect", body).status == 200)
            }
            // The server attaches in a thread of its own.
            try await eventually("the proxy inspects") {
                _ = try await sandbox.curl(sandbox.url("shop") + "/?token=s3cret", "-d", "sent")
                let last = try await traffic("?app=shop&limit=1").last
                return last?["inspected"] as? Bool == true ? () : nil
            }
            let client = try await sandbox.start([
                "python3", Apps.path("websocket-client.py"),
                sandbox.url("ws", scheme: "wss"), sandbox.authority,
            ]).finished()
            try #require(client.status == 0, "\(client.talk)")
            let socket = try await eventually("the WebSocket is over") {
                try await traffic("?app=ws").last { $0["protocol"] as? String == "WebSocket" }
                    .flatMap { $0["state"] as? String == "done" ? $0["id"] as? Int : nil }
            }
            let details = try await sandbox.curl(sandbox.api("/api/traffic/\(socket)")).body
            let json = try JSONSerialization.jsonObject(with: Data(details.utf8))
            let messages = (json as? [String: Any])?["messages"] as? [[String: Any]] ?? []
            #expect(
                messages.prefix(3).map { $0["direction"] as? String } == [
                    "received", "sent", "received",
                ]
            )
            #expect(messages.dropFirst().prefix(3).map { $0["size"] as? Int } == [3, 3, 120_000])
            #expect(
                messages.contains {
                    $0["kind"] as? String == "binary" && $0["size"] as? Int == 400_000
                }
            )
            let id = try #require(try await traffic("?app=shop&limit=1").last?["id"] as? Int)
            let replay = try await sandbox.change("/api/traffic/\(id)/replay")
            #expect(replay.status == 200)
            #expect(replay.body.contains(#"\"url\":\"/?token=s3cret\""#), "\(replay.body)")
            #expect(replay.body.contains(#"\"size\":4"#))
            let file = sandbox.root.appending(path: "api.har")
            let har = try await sandbox.curl(sandbox.api("/api/traffic/har"))
            try har.body.write(to: file, atomically: true, encoding: .utf8)
            let all = try await entries(file, sandbox)
            #expect(all.contains { ($0["_webSocketMessages"] as? [Any])?.count ?? 0 >= 7 })
        }
    }
}
