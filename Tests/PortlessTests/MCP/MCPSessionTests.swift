import HostSystem
import PortlessCore
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import portless

@Suite struct MCPSessionTests {
    /// Collects what a session sends.
    private final class Client: Sendable {
        let sent = Mutex<[String]>([])
        var all: [JSONValue] {
            sent.withLock { $0.compactMap { try? JSONValue(parsing: $0.utf8) } }
        }
    }

    private let client = Client()

    private func session(_ tools: [MCPTool] = []) -> MCPSession {
        MCPSession(
            tools: tools,
            resources: MCPResources { throw Failure("There is no server.") },
            write: { [client] line in client.sent.withLock { $0.append(line) } },
        )
    }

    private static let echo = MCPTool(
        name: "echo",
        title: "Echo",
        summary: "Says it again.",
        parameters: [
            .init(name: "text", kind: .text, summary: "What.", isRequired: true),
            .init(name: "times", kind: .integer(1...3), summary: "How often."),
        ],
    ) { arguments in
        guard arguments.text("text") != "bad" else { throw Failure("It is bad.") }
        return ["text": .string(arguments.text("text") ?? "")]
    }

    private func ask(_ lines: String..., tools: [MCPTool] = [echo]) async throws -> [JSONValue] {
        let session = session(tools)
        let answers = lines.count { $0.contains("\"id\"") || !$0.contains("method") }
        for line in lines { session.receive(Array(line.utf8)) }
        try await eventually { client.all.count == answers }
        return client.all
    }

    private func eventually(_ condition: () -> Bool) async throws {
        for _ in 0..<1000 where !condition() { try await Task.sleep(for: .milliseconds(10)) }
        #expect(condition())
    }

    private static let hello =
        #"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18"}}"#

    @Test func `a session begins with the client's revision, or with ours`() async throws {
        let answers = try await ask(
            Self.hello,
            #"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"9"}}"#,
        )
        #expect(answers[0]["result"]?["protocolVersion"]?.string == "2025-06-18")
        #expect(answers[1]["result"]?["protocolVersion"]?.string == MCPSession.revisions[0])
        #expect(answers[0]["result"]?["serverInfo"]?["name"]?.string == "portless")
    }

    @Test func `before that only a ping is answered`() async throws {
        let answers = try await ask(
            #"{"jsonrpc":"2.0","id":"a","method":"ping"}"#,
            #"{"jsonrpc":"2.0","id":"b","method":"tools/list"}"#,
        )
        #expect(answers[0]["result"] != nil)
        #expect(answers[1]["error"]?["code"]?.integer == -32600)
    }

    @Test(arguments: [
        ("{", -32700), ("[]", -32600), ("3", -32600), (#"{"id":1,"method":"ping"}"#, -32600),
        (#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#, -32600),
        (#"{"jsonrpc":"2.0","id":1}"#, -32600),
        (#"{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}"#, -32602),
    ])
    func `a line that is no message is answered with an error`(
        line: String,
        code: Int,
    ) async throws {
        let answers = try await ask(line)
        #expect(answers[0]["error"]?["code"]?.integer == code)
    }

    @Test func `a tool is described, called, and answers as text and as data`() async throws {
        let answers = try await ask(
            Self.hello,
            #"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#,
            #"{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"echo","arguments":{"text":"hi"}}}"#,
        )
        let tool = try #require(answers[1]["result"]?["tools"]?.array?.first)
        #expect(tool["inputSchema"]?["required"]?.array == [.string("text")])
        #expect(tool["annotations"]?["readOnlyHint"]?.bool == true)
        #expect(answers[2]["result"]?["structuredContent"]?["text"]?.string == "hi")
        #expect(answers[2]["result"]?["isError"]?.bool == false)
    }

    @Test func `a failure is told to the model`() async throws {
        let answers = try await ask(
            Self.hello,
            #"{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"echo","arguments":{"text":"bad"}}}"#,
        )
        #expect(answers[1]["result"]?["isError"]?.bool == true)
        let text = answers[1]["result"]?["content"]?.array?.first?["text"]?.string
        #expect(text == "It is bad.")
    }

    @Test(arguments: [
        #""other""#, #""echo","arguments":{}"#, #""echo","arguments":{"text":3}"#,
        #""echo","arguments":{"text":"a","times":9}"#, #""echo","arguments":{"text":"a","x":1}"#,
        #""echo","arguments":[]"#,
    ])
    func `wrong arguments are refused by name`(call: String) async throws {
        let answers = try await ask(
            Self.hello,
            "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/call\",\"params\":{\"name\":\(call)}}",
        )
        #expect(answers[1]["error"]?["code"]?.integer == -32602)
    }

    @Test func `a cancelled call gets no answer, and others go on`() async throws {
        let isRunning = Mutex(false)
        let mayEnd = Mutex(false)
        let slow = MCPTool(name: "slow", title: "Slow", summary: "Takes its time.") { _ in
            isRunning.withLock { $0 = true }
            while !mayEnd.withLock({ $0 }) { SystemClock.sleep(for: .milliseconds(5)) }
            return [:]
        }
        let session = session([slow, Self.echo])
        session.receive(Array(Self.hello.utf8))
        let call = #"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"slow"}}"#
        session.receive(Array(call.utf8))
        try await eventually { isRunning.withLock { $0 } }
        let cancel =
            #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}}"#
        session.receive(Array(cancel.utf8))
        mayEnd.withLock { $0 = true }
        session.receive(Array(#"{"jsonrpc":"2.0","id":8,"method":"ping"}"#.utf8))
        try await eventually { client.all.contains { $0["id"]?.integer == 8 } }
        try await Task.sleep(for: .milliseconds(50))
        #expect(!client.all.contains { $0["id"]?.integer == 7 })
    }

    @Test func `the session ends when the client closes its side`() async throws {
        let pipe = try FileDescriptor.pipe()
        try pipe.writeEnd.writeAll(Array((Self.hello + "\n \n").utf8))
        try pipe.writeEnd.close()
        try session().run(reading: pipe.readEnd)
        try pipe.readEnd.close()
        #expect(client.all.count == 1)
    }
}

@Suite struct MCPToolsTests {
    private func line(_ cursor: Int, _ text: String) -> JSONValue {
        .object([
            "process": .string("web"), "stream": .string("out"), "time": .string("t"),
            "cursor": .integer(cursor), "text": .string(text),
        ])
    }

    @Test func `an excerpt has the last lines that fit`() {
        let lines = (1...10).map { line($0, "line \($0 % 2 == 0 ? "Even" : "odd") \($0)") }
        let excerpt = MCPTools.excerpt(of: lines, last: 2, contains: "even", after: 4)
        let texts = excerpt["lines"]?.array?.compactMap { $0["text"]?.string }
        #expect(texts == ["line Even 8", "line Even 10"])
        #expect(excerpt["left_out"]?.integer == 1)
        #expect(excerpt["cursor"]?.integer == 10)
    }

    @Test func `an excerpt is bounded however long the lines are`() {
        let lines = (1...1000).map { line($0, String(repeating: "x", count: 100_000)) }
        let excerpt = MCPTools.excerpt(of: lines, last: 1000, contains: nil, after: nil)
        #expect(JSONValue.object(excerpt).compact.utf8.count < 150_000)
    }

    @Test func `a name in a path is encoded`() {
        #expect("a/b c%".pathComponent == "a%2Fb%20c%25")
        #expect("api.shop-1".pathComponent == "api.shop-1")
    }
}

@Suite struct MCPInstallTests {
    @Test(arguments: ["claude", "cursor", "vscode", "codex"])
    func `an entry is added once, and all else stays`(program: String) async throws {
        try await CommandWorld.with { world in
            world.context.homeOfUser = { [folder = world.context.workingDirectory] _ in folder }
            let client = try #require(MCPClientProgram(rawValue: program))
            let folder = world.context.workingDirectory
            let file = client.file(in: folder, home: folder)
            let other =
                client == .codex
                ? "model = \"x\"\n" : "{\"other\": {\"kept\": true}, \"mcpServers\": {\"a\": {}}}"
            try folder.write(
                String(file.string.dropFirst(folder.string.count + 1)),
                other,
            )
            let first = await world.run("mcp install \(program) --write")
            #expect(first.code == 0, "\(first.talk)")
            let text = String(decoding: try AtomicFile.read(file), as: UTF8.self)
            #expect(text.contains("portless"))
            #expect(text.contains(client == .codex ? "model = \"x\"" : "\"kept\": true"))
            _ = await world.run("mcp install \(program) --write --allow-changes")
            let again = String(decoding: try AtomicFile.read(file), as: UTF8.self)
            #expect(again == text)
        }
    }

    @Test func `a file that isn't JSON is left alone`() async throws {
        try await CommandWorld.with { world in
            let folder = world.context.workingDirectory
            world.context.homeOfUser = { _ in folder }
            try folder.write(".mcp.json", "{ // mine\n")
            let result = await world.run("mcp install claude --write")
            #expect(result.code == 1)
            let text = try AtomicFile.read(folder.appending(".mcp.json"))
            #expect(String(decoding: text, as: UTF8.self) == "{ // mine\n")
        }
    }

    @Test func `without --write it is only shown`() async throws {
        try await CommandWorld.with { world in
            let folder = world.context.workingDirectory
            world.context.homeOfUser = { _ in folder }
            let result = await world.run("mcp install claude")
            #expect(result.output.contains("\"mcpServers\""))
            let status = try FileStatus.of(folder.appending(".mcp.json"))
            #expect(status == nil)
            let other = await world.run("mcp install other")
            #expect(other.code == 1)
        }
    }
}
