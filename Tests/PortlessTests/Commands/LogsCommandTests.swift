import HostSystem
import PortlessCore
import Runner
import SystemPackage
import TestSupport
import Testing

@testable import portless

@Suite struct LogsCommandTests {
    /// An app that was up, and what its keeper has left.
    private func write(_ logs: [String: [String]], in world: CommandWorld) throws {
        try world.context.workingDirectory.write("portless.json", #"{"name": "shop"}"#)
        let app = try AppName(parsing: "shop")
        let folder = KeeperFolder(of: app, in: try world.context.preparedStateDirectory())
        try folder.create()
        let processes = logs.keys.sorted().map { name in
            PlannedProcess(name: name, command: ["x"], directory: "/", environment: [:])
        }
        try folder.write(
            SupervisionPlan(
                app: app,
                directory: world.context.workingDirectory,
                processes: processes,
            )
        )
        for (name, lines) in logs {
            try AtomicFile.writeInPlace(
                lines.map { "2026-11-21T07:23:\($0)\n" }.joined().utf8,
                to: folder.log(of: name),
            )
        }
    }

    private static let web = [
        "01.000000Z note started as process 7", "02.000000Z out a", "04.000000Z err b",
        "05.000000Z note exited with code 0",
    ]
    private static let api = ["03.000000Z out c"]

    private func run(_ line: String) async throws -> CommandWorld.Result {
        var result = CommandWorld.Result(code: -1, output: "", talk: "")
        try await CommandWorld.with { world in
            try write(["web": Self.web, "api": Self.api], in: world)
            result = await world.run(line)
        }
        return result
    }

    @Test(
        arguments: [
            ("logs", "[web] a\n[api] c\n[web] b\n"), ("logs -n 0", ""), ("logs -n 1", "[web] b\n"),
            ("logs -n 2", "[api] c\n[web] b\n"), ("logs web -n 1", "b\n"),
            ("logs web -n 10000000", "a\nb\n"),
            ("logs web -n 99999999999999999999999999", "a\nb\n"),
            ("logs web api -n 2", "[api] c\n[web] b\n"),
            ("logs web --since 2026-11-21T07:23:03Z", "b\n"), ("logs --since 1m", ""),
            ("logs web --since 2000-01-01 -n 1", "b\n"),
        ]
    )
    func `lines that the processes wrote are counted, and no others`(
        line: String,
        output: String,
    ) async throws {
        let result = try await run(line)
        #expect(result.code == 0, "\(result.talk)")
        #expect(result.output == output)
    }

    @Test func `as JSON each line is an object`() async throws {
        let result = try await run("logs web -n 1 --json")
        let lines = try result.output.split(separator: "\n").map { line in
            try #require(LogLine(json: try JSONValue(parsing: line.utf8)))
        }
        #expect(lines.map(\.text) == ["b", "exited with code 0"])
        #expect(lines.map(\.stream) == [.error, .note])
        #expect(lines.first?.time == Timestamp(reading: "2026-11-21T07:23:04Z", now: .now))
        #expect(result.talk.isEmpty)
    }

    @Test(arguments: ["-n -1", "-n x", "-n 1.5", "--since never", "--since 10x", "--since 25:00"])
    func `what is no number or time is refused`(words: String) async throws {
        let result = try await run("logs \(words)")
        #expect(result.code == 1)
        #expect(result.output.isEmpty)
        #expect(result.talk.contains(" takes a "), "\(result.talk)")
    }

    @Test func `an app that was never up has no logs`() async throws {
        try await CommandWorld.with { world in
            try world.context.workingDirectory.write("portless.json", #"{"name": "shop"}"#)
            let result = await world.run("logs")
            #expect(result.code == 1)
            #expect(result.talk.contains("shop was never brought up."))
        }
    }

    @Test func `an app of another folder is shown by its written name only`() async throws {
        try await CommandWorld.with { world in
            try write(["web": Self.web], in: world)
            let owner = world.context.workingDirectory
            try world.root.write("other/portless.json", #"{"name": "shop"}"#)
            world.context.workingDirectory = world.root.appending("other")
            for line in ["logs", "logs web", "down", "down web", "restart"] {
                let result = await world.run(line)
                #expect(result.code == 1)
                #expect(result.output.isEmpty)
                #expect(
                    result.talk.contains("An app called shop was brought up from \(owner)."),
                    "\(line): \(result.talk)",
                )
            }
            #expect(await world.run("logs shop -n 1").output == "b\n")
        }
    }

    @Test func `a damaged portless.json doesn't hide logs`() async throws {
        try await CommandWorld.with { world in
            try write(["web": Self.web], in: world)
            try world.context.workingDirectory.write("portless.json", "{")
            for line in ["logs -n 1", "logs shop -n 1", "logs web -n 1"] {
                #expect(await world.run(line).output == "b\n", "\(line)")
            }
        }
    }

    @Test(arguments: ["down", "restart"])
    func `what was never up isn't asked of the server`(command: String) async throws {
        try await CommandWorld.with { world in
            try world.context.workingDirectory.write("portless.json", #"{"name": "shop"}"#)
            let result = await world.run(command)
            #expect(result.code == 1)
            #expect(result.talk.hasPrefix("Error: shop was never brought up."), "\(result.talk)")
        }
    }

    @Test(arguments: ["ps", "down shop", "logs"])
    func `a state directory that is a file is an error`(line: String) async throws {
        try await CommandWorld.with { world in
            try world.root.write("state", "")
            let result = await world.run(line)
            #expect(result.code == 1)
            #expect(result.talk.contains("state is not a directory."), "\(result.talk)")
        }
    }

    @Test func `a span of time is numbers with units`() throws {
        let now = Timestamp(seconds: 1_000_000)
        #expect(try LogStart(parsing: "90s").time(now: now) == Timestamp(seconds: 999_910))
        #expect(try LogStart(parsing: "1h30m").time(now: now) == Timestamp(seconds: 994_600))
        #expect(try LogStart(parsing: "2d") == .ago(.seconds(172_800)))
        for huge in ["9223372036854775807w", "9223372036854775807s9223372036854775807s"] {
            #expect(try LogStart(parsing: huge).time(now: now).seconds < 0)
        }
        for text in ["", "m", "10", "-5m", "10m5", "1h-3m", "99999999999999999999m"] {
            #expect(throws: Failure.self, "\(text)") { try LogStart(parsing: text) }
        }
    }
}
