import Foundation
import Testing

extension EndToEnd {
    /// What a person can type wrong, and what is said then.
    @Suite struct InputTests {}
}

extension EndToEnd.InputTests {
    @Test(arguments: [
        ("myapp", "No command provided"),
        ("--bogus myapp true", "Unknown flag"),
        ("run --version", "Unknown flag"),
        ("-bad- true", "Unknown flag"),
        ("bad..name true", "consecutive dots are not allowed"),
        ("b_d true", "Invalid hostname"),
        ("myapp --app-port 0 true", "Invalid app port"),
        ("myapp --app-port", "--app-port requires"),
        ("--name", "--name requires"),
        ("get", "Missing service name"),
        ("get --bogus x", "Unknown flag"),
        ("alias", "Missing arguments"),
        ("alias name", "Missing arguments"),
        ("alias name 99999", "Invalid port"),
        ("alias name port", "Invalid port"),
        ("alias --remove", "No alias name"),
        ("alias --remove nothing", "No alias found for"),
        ("proxy start -p 0", "Invalid port"),
        ("proxy start --cert x", "--key"),
        ("proxy start --tld a..b", "TLD"),
        ("proxy start --bogus", "Unknown flag"),
        ("proxy bogus", "Unknown proxy subcommand"),
    ])
    func `a wrong call is refused with one sentence`(line: String, phrase: String) async throws {
        try await Sandbox.with { sandbox in
            let words = line.split(separator: " ").map(String.init)
            let result = try await sandbox.start([Binary.path] + words).finished()
            #expect(result.status == 1)
            #expect(result.output == "")
            #expect(result.talk.hasPrefix("Error: "), "\(result.talk)")
            #expect(result.talk.contains(phrase), "\(result.talk)")
        }
    }

    @Test(arguments: [
        ["--help"], ["-h"], ["run", "--help"], ["get", "--help"], ["alias", "--help"],
        ["proxy", "--help"], ["proxy"], ["demo", "--help"], ["proxy", "start", "--help"],
    ])
    func `help goes to standard output and succeeds`(words: [String]) async throws {
        try await Sandbox.with { sandbox in
            let result = try await sandbox.start([Binary.path] + words).finished()
            #expect(result.status == 0)
            #expect(result.output.uppercased().contains("USAGE:"))
            #expect(result.talk == "")
        }
    }

    @Test func `the version stands alone`() async throws {
        try await Sandbox.with { sandbox in
            for flag in ["--version", "-v"] {
                let result = try await sandbox.portless(flag)
                #expect(result.output.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
            }
        }
    }

    @Test func `a name in use is refused, and taken over with --force`() async throws {
        try await Sandbox.with { sandbox in
            let first = try sandbox.startPortless("myapp", "node", Apps.path("node-http.js"), "1")
            try await sandbox.answer(sandbox.url("myapp"))
            let refused = try await sandbox.portless("myapp", "true")
            #expect(refused.status == 1)
            #expect(refused.talk.contains("already registered"))
            #expect(refused.talk.contains("--force"))
            #expect(refused.talk.contains(String(first.processID)))
            _ = try sandbox.startPortless(
                "--force",
                "myapp",
                "node",
                Apps.path("node-http.js"),
                "2",
            )
            #expect(try await first.finished().status == 143)
            try await eventually("the second one answers") {
                let body = try await sandbox.answer(sandbox.url("myapp"))
                return try Echo(body).arguments == ["2"] ? () : nil
            }
        }
    }

    @Test func `PORTLESS=0 runs the command alone`() async throws {
        try await Sandbox.with(["PORTLESS": "0"]) { sandbox in
            let result = try await sandbox.portless(
                "myapp",
                "--force",
                "sh",
                "-c",
                "echo port=$PORT; exit 3",
            )
            #expect(result.status == 3)
            #expect(result.output == "port=\n")
            #expect(sandbox.proxyID == nil)
            #expect(try await sandbox.portless("list").output.contains("No active routes"))
        }
    }
}
