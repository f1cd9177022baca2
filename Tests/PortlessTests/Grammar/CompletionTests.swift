import ArgumentParser
import PortlessCore
import Testing

@testable import portless

@Suite struct CompletionTests {
    private let completion = Completion(
        known: .init(
            names: { ["shop", "api.shop"] },
            apps: { ["shop", "blog"] },
            processes: { ["web"] },
            leases: { ["shop": ["api", "ui"]] },
            ports: { ["4001"] },
        )
    )

    private func answer(_ line: String) -> Completion.Answer {
        completion.answer(
            line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        )
    }

    private func values(_ line: String) -> [String] {
        guard case .candidates(let list) = answer(line) else { return [] }
        return list.map(\.value)
    }

    @Test(arguments: [
        ("lis", ["list"]), ("sho", ["shop"]), ("ru", ["run"]), ("ports re", ["release"]),
        ("list --js", ["--json"]), ("up ", ["shop", "blog", "web"]), ("up shop b", ["blog"]),
        ("logs w", ["web"]), ("open a", ["api.shop"]), ("ports lease ", ["shop"]),
        ("ports lease shop ", ["api", "ui"]), ("ports explain ", ["4001"]), ("help lis", ["list"]),
        ("help ports le", ["lease"]), ("completions ", ["bash", "zsh", "fish"]),
        ("env --format ", ["dotenv", "json", "shell"]), ("env --process ", ["web"]),
        ("apps set sh", ["shop"]), ("apps set shop --start m", ["manual"]),
        ("share a", ["api.shop"]),
        ("web --for", ["--force"]),
        ("run --no-w", ["--no-worktree"]),
        ("--scri", ["--script"]),
    ])
    func `candidates are those that may stand there`(line: String, expected: [String]) {
        #expect(values(line) == expected)
    }

    @Test(arguments: [
        ("web ", 1), ("web node ", 1), ("web --force no", 2), ("--force web ", 2),
        ("web --app-port 4000 node x", 3), ("run nod", 1), ("run --name web node ", 3),
        ("run -- ", 2), ("jobs run -- make ", 3), ("--name list no", 2),
    ])
    func `from the program on it is that program's call`(line: String, index: Int) {
        #expect(answer(line) == .command(at: index))
    }

    @Test func `nothing hidden is offered`() {
        #expect(!values("").contains { $0.hasPrefix("__") })
        #expect(!values("browser ").contains("serve"))
        #expect(values("").contains("list") && values("").contains("shop"))
    }

    @Test func `a name that a shell would read as more than a word is not offered`() {
        let completion = Completion(
            known: .init(processes: { ["$(touch x)", "a b", "`id`", "web"] })
        )
        #expect(completion.answer(["logs", ""]) == .candidates([.init(value: "web")]))
    }

    @Test func `every command's help has examples, which are calls of it`() throws {
        func check(_ command: any ParsableCommand.Type, _ words: [String]) throws {
            for sub in command.configuration.subcommands where sub.configuration.shouldDisplay {
                let words = words + [sub._commandName]
                let name = words.joined(separator: " ")
                let examples = try #require(CommandExamples.all[name], "\(name)")
                #expect(examples.allSatisfy { $0.contains("portless \(words[0])") }, "\(name)")
                try check(sub, words)
            }
        }
        try check(PortlessCommand.self, [])
    }

    @Test func `an example's arguments are those that its command declares`() throws {
        let examples = CommandExamples.all.values.joined()
        for example in examples where example.hasPrefix("portless ") {
            let line = example.split(separator: " ").prefix { ![">", "|"].contains($0) }
            var globals = GlobalOptions()
            let words = try globals.extract(from: line.dropFirst().map(String.init))
            let call = try #require(CommandCall(words), "\(example)")
            #expect(throws: Never.self, "\(example)") { _ = try call.parse() }
        }
    }
}
