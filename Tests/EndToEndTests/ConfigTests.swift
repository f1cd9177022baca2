import Foundation
import Testing

extension EndToEnd {
    /// Settings of projects and users, and `portless config`.
    @Suite struct ConfigTests {}
}

extension EndToEnd.ConfigTests {
    private func settings(
        _ sandbox: Sandbox,
        _ arguments: String...,
    ) async throws -> [String: [String: Any]] {
        let call = [Binary.path, "config", "show", "--json"] + arguments
        let result = try await sandbox.start(call).finished()
        let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
        let list = try #require((object as? [String: Any])?["settings"] as? [[String: Any]])
        return Dictionary(uniqueKeysWithValues: list.map { ($0["name"] as? String ?? "", $0) })
    }

    @Test func `the flag counts before the variable, the project and the user`() async throws {
        try await Sandbox.with { sandbox in
            try FileManager.default.createDirectory(
                at: sandbox.state,
                withIntermediateDirectories: true,
            )
            try Data(#"{"https": false, "tld": "user"}"#.utf8)
                .write(to: sandbox.state.appending(path: "config.json"))
            func tld(_ settings: [String: [String: Any]]) -> String {
                let tld = settings["tld"] ?? [:]
                let value = (tld["value"] as? [String])?.joined(separator: ",") ?? ""
                return "\(value) \(tld["origin"] ?? "") \(tld["line"] ?? "-")"
            }
            #expect(tld(try await settings(sandbox)) == "user user 1")
            try sandbox.write("{\n  \"tld\": [\"one\", \"two\"]\n}\n", to: "portless.json")
            let all = try await settings(sandbox)
            #expect(tld(all) == "one,two project 2")
            #expect(all["https"]?["value"] as? Bool == false)
            #expect(all["port"]?["variable"] as? String == "PORTLESS_PORT")
            #expect(all["server.port"]?["value"] as? Int == sandbox.apiPort)
            #expect(all["ports.ranges"]?["origin"] as? String == "default")
            #expect(tld(try await settings(sandbox, "--tld", "flag")) == "flag flag -")
            var other = sandbox
            other.environment["PORTLESS_TLD"] = "variable"
            #expect(tld(try await settings(other)) == "variable environment -")
        }
    }

    @Test func `a run starts the proxy as the project asks, and others are told`() async throws {
        try await Sandbox.with { sandbox in
            try sandbox.write(
                #"{"tld": "test", "https": false, "wildcard": true}"#,
                to: "portless.json",
            )
            let app = try sandbox.startPortless("shop", "node", Apps.path("node-http.js"))
            let page = "http://shop.test:\(sandbox.port)"
            try await eventually("it is told: \(app.talk)") { app.talk.contains(page) ? () : nil }
            #expect(
                sandbox.stateFile("proxy.tlds").trimmingCharacters(in: .whitespacesAndNewlines)
                    == "test"
            )
            let port = ["--resolve", "a.shop.test:\(sandbox.port):127.0.0.1"]
            let answer = try await sandbox.start(
                ["curl", "-sf", "--retry", "9", "--retry-all-errors"] + port
                    + ["http://a.shop.test:\(sandbox.port)/"]
            ).finished()
            #expect(answer.status == 0, "\(answer.talk)")
            // Another project wants something else.
            let other = sandbox.root.appending(path: "other")
            try FileManager.default.createDirectory(at: other, withIntermediateDirectories: true)
            let file = other.appending(path: "portless.json")
            try Data(#"{"tld": "localhost", "https": true}"#.utf8).write(to: file)
            let refused = try await sandbox.portless("blog", "true", directory: other)
            #expect(refused.status == 1)
            #expect(refused.talk.contains("already running on port \(sandbox.port)"))
            let path = file.path()
            #expect(refused.talk.contains("- requested HTTPS (\(path))"), "\(refused.talk)")
            #expect(refused.talk.contains("running with TLD .test (\(path))"))
            // Without wishes of its own a project takes the proxy as it is.
            try Data("{}".utf8).write(to: file)
            #expect(try await sandbox.portless("blog", "true", directory: other).status == 0)
            app.send(SIGINT)
            try await app.finished()
        }
    }

    @Test func `an unprivileged proxy leaves 443 alone, and contradictions start none`()
        async throws
    {
        try await Sandbox.with { sandbox in
            var sandbox = sandbox
            sandbox.environment["PORTLESS_PORT"] = nil
            try sandbox.write(#"{"unprivileged": true}"#, to: "portless.json")
            let shown = try await settings(sandbox)
            #expect(shown["port"]?["value"] as? Int == 1355)
            for (text, words) in [
                (
                    #"{"unprivileged": true, "port": 80}"#,
                    "portless.json:1: \"port\" can't be used",
                ),
                (#"{"tld": "a b"}"#, "Invalid TLD \"a b\""), (#"{"https": 1}"#, "true or false"),
                (#"{"tld": "\u001b[2J"}"#, "Invalid TLD"), ("{", "portless.json"),
            ] {
                try sandbox.write(text, to: "portless.json")
                let result = try await sandbox.portless("shop", "true")
                #expect(
                    result.status == 1 && result.talk.contains(words),
                    "\(text): \(result.talk)",
                )
                #expect(!result.talk.contains("\u{1B}[2J") && sandbox.proxyID == nil)
                // Commands that start nothing work all the same.
                #expect(try await sandbox.portless("list").status == 0)
            }
        }
    }

    @Test func `the schema is the docs' own, and holds their examples`() async throws {
        try await Sandbox.with { sandbox in
            var root = URL(filePath: #filePath)
            for _ in 0..<3 { root.deleteLastPathComponent() }
            let printed = try await sandbox.portless("config", "schema")
            let file = root.appending(path: "docs/portless.schema.json")
            #expect(printed.output == (try String(contentsOf: file, encoding: .utf8)))
            let check = ["python3", Apps.path("portless-schema.py"), root.path()]
            let result = try await sandbox.start(check).finished()
            #expect(result.output.hasPrefix("passed"), "\(result.talk)\(result.output)")
        }
    }
}
