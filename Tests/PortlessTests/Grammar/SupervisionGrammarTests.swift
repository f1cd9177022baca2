import PortlessCore
import Testing

@testable import portless

@Suite struct SupervisionGrammarTests {
    private func action(_ line: String) throws -> Invocation.Action {
        try Invocation(arguments: line.split(separator: " ").map(String.init)) { word in
            ["node", "next", "npm", "python3"].contains(word)
        }.action
    }

    @Test(
        arguments: [
            ("up", .command(["up"])),
            ("up shop", .command(["up", "shop"])),
            ("up shop blog", .command(["up", "shop", "blog"])),
            ("up --foreground", .command(["up", "--foreground"])),
            ("up --env production shop", .command(["up", "--env", "production", "shop"])),
            ("up --env=production", .command(["up", "--env=production"])),
            ("up --help", .command(["up", "--help"])),
            ("down", .command(["down"])),
            ("down shop blog", .command(["down", "shop", "blog"])),
            ("restart web", .command(["restart", "web"])),
            ("ps", .command(["ps"])),
            ("ps --json", .command(["ps", "--json"])),
            ("logs", .command(["logs"])),
            ("logs -f", .command(["logs", "-f"])),
            ("logs -f -n 20 web", .command(["logs", "-f", "-n", "20", "web"])),
            ("logs shop web", .command(["logs", "shop", "web"])),
            ("traffic", .command(["traffic"])), ("traffic shop", .command(["traffic", "shop"])),
            (
                "traffic --har out.har -n 20 shop",
                .command(["traffic", "--har", "out.har", "-n", "20", "shop"]),
            ),
        ] as [(String, Invocation.Action)]
    )
    func `calls of the commands are theirs`(line: String, expected: Invocation.Action) throws {
        #expect(try action(line) == expected)
    }

    @Test(arguments: [
        "up node server.js", "up npm run dev", "down next dev", "restart python3 -m http.server",
        "ps next dev --turbo", "logs node app.js", "logs npm run logs", "up next dev -p 3000",
        "ps -x", "up shop --watch", "traffic node server.js", "traffic next dev --turbo",
    ])
    func `apps that are called so keep their names`(line: String) throws {
        let words = line.split(separator: " ").map(String.init)
        let request = RunRequest(
            naming: .exactly(words[0]),
            command: Array(words.dropFirst()),
        )
        #expect(try action(line) == .run(request))
    }

    @Test(arguments: ["logs -n", "logs --lines", "logs --since", "up --env"])
    func `a flag that lacks its value is no program`(line: String) {
        #expect {
            try action(line)
        } throws: { error in
            "\(error)".contains("Missing value")
        }
    }

    @Test(arguments: ["up", "down", "restart", "ps", "logs", "traffic"])
    func `--name says that an app is meant`(word: String) throws {
        let request = RunRequest(naming: .exactly(word), command: ["node", "x.js"])
        #expect(try action("--name \(word) node x.js") == .run(request))
    }
}
