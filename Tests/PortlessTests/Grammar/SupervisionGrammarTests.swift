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
            ("up", .subcommand(.up, [])),
            ("up shop", .subcommand(.up, ["shop"])),
            ("up shop blog", .subcommand(.up, ["shop", "blog"])),
            ("up --foreground", .subcommand(.up, ["--foreground"])),
            ("up --env production shop", .subcommand(.up, ["--env", "production", "shop"])),
            ("up --env=production", .subcommand(.up, ["--env=production"])),
            ("up --help", .subcommand(.up, ["--help"])),
            ("down", .subcommand(.down, [])),
            ("down shop blog", .subcommand(.down, ["shop", "blog"])),
            ("restart web", .subcommand(.restart, ["web"])),
            ("ps", .subcommand(.ps, [])),
            ("ps --json", .subcommand(.ps, ["--json"])),
            ("logs", .subcommand(.logs, [])),
            ("logs -f", .subcommand(.logs, ["-f"])),
            ("logs -f -n 20 web", .subcommand(.logs, ["-f", "-n", "20", "web"])),
            ("logs shop web", .subcommand(.logs, ["shop", "web"])),
        ] as [(String, Invocation.Action)]
    )
    func `calls of the commands are theirs`(line: String, expected: Invocation.Action) throws {
        #expect(try action(line) == expected)
    }

    @Test(arguments: [
        "up node server.js", "up npm run dev", "down next dev", "restart python3 -m http.server",
        "ps next dev --turbo", "logs node app.js", "logs npm run logs", "up next dev -p 3000",
        "ps -x", "up shop --watch",
    ])
    func `apps that are called so keep their names`(line: String) throws {
        let words = line.split(separator: " ").map(String.init)
        let request = RunRequest(
            naming: .exactly(words[0]),
            command: Array(words.dropFirst()),
        )
        #expect(try action(line) == .run(request))
    }

    @Test(arguments: ["up", "down", "restart", "ps", "logs"])
    func `--name says that an app is meant`(word: String) throws {
        let request = RunRequest(naming: .exactly(word), command: ["node", "x.js"])
        #expect(try action("--name \(word) node x.js") == .run(request))
    }
}
