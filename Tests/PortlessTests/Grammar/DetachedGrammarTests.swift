import PortlessCore
import Testing

@testable import portless

@Suite struct DetachedGrammarTests {
    private func invocation(_ line: String) throws -> Invocation {
        try Invocation(arguments: line.split(separator: " ").map(String.init))
    }

    private func request(_ line: String) throws -> RunRequest? {
        guard case .run(let request) = try invocation(line).action else { return nil }
        return request
    }

    @Test func `a run in the background is one by its flag, in both modes`() throws {
        let run = try request("run --detach --name shop --wait=5 --json node --wait server.js")
        #expect(run?.detachment == .init(wait: "5", json: true))
        #expect(run?.command == ["node", "--wait", "server.js"])
        #expect(run?.naming == .project(override: "shop"))
        let named = try request("shop --detach --wait node server.js --json")
        #expect(named?.detachment == .init(wait: "60", json: false))
        #expect(named?.command == ["node", "server.js", "--json"])
        #expect(try request("shop node server.js --detach")?.detachment == nil)
        for wrong in ["run --wait=5 node", "run --json node", "shop --detach --force node"] {
            #expect(throws: Failure.self, "\(wrong)") { try invocation(wrong) }
        }
    }

    @Test func `words of ours that are also names stay names before another program`() throws {
        #expect(
            try invocation("wait shop --timeout 5 --json").action
                == .command(["wait", "shop", "--timeout", "5", "--json"])
        )
        #expect(try request("wait node server.js")?.naming == .exactly("wait"))
        #expect(try invocation("agents --write").action == .command(["agents", "--write"]))
        #expect(try request("agents next dev")?.naming == .exactly("agents"))
    }

    @Test func `the value of --wait may be left out, and takes no word away`() throws {
        let call = try #require(CommandCall(["up", "--wait", "shop"]))
        let up = try #require(try call.parse() as? UpCommand)
        #expect(up.wait == "60" && up.names == ["shop"])
        let longer = try #require(CommandCall(["up", "shop", "--wait=300"]))
        #expect((try longer.parse() as? UpCommand)?.wait == "300")
        for wrong in ["0", "-1", "x", "86401", ""] {
            #expect(throws: Failure.self) { try WaitLimit(argument: wrong, of: "--wait") }
        }
    }

    @Test func `no input is a flag of every command, and of runs`() throws {
        for line in ["--no-input trust", "trust --no-input", "shop --no-input node server.js"] {
            #expect(try invocation(line).globals.noInput, "\(line)")
        }
        #expect(try !invocation("shop node --no-input").globals.noInput)
    }
}
