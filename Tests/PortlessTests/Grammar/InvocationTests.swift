import PortlessCore
import Testing

@testable import portless

@Suite struct InvocationTests {
    private func action(_ line: String) throws -> Invocation.Action {
        try Invocation(arguments: line.split(separator: " ").map(String.init)).action
    }

    private func named(_ name: String, _ command: String) -> Invocation.Action {
        .run(
            RunRequest(
                naming: .exactly(name),
                command: command.split(separator: " ").map(String.init),
            )
        )
    }

    @Test(
        arguments: [
            ("", .script([])),
            ("-- --turbo", .script(["--turbo"])),
            ("--script start", .script([])),
            ("--help", .help),
            ("-h", .help),
            ("--lan --help", .help),
            ("--version", .version),
            ("-v", .version),
            ("run --help", .runHelp),
            ("run -h", .runHelp),
        ] as [(String, Invocation.Action)]
    )
    func `the short calls mean what they say`(line: String, expected: Invocation.Action) throws {
        #expect(try action(line) == expected)
    }

    @Test(arguments: [
        "list", "get", "alias", "hosts", "doctor", "trust", "clean", "prune", "proxy", "service",
    ])
    func `a reserved word is a subcommand whatever follows`(word: String) throws {
        let subcommand = try #require(Subcommand(rawValue: word))
        #expect(try action(word) == .subcommand(subcommand, []))
        #expect(try action("\(word) next dev") == .subcommand(subcommand, ["next", "dev"]))
        #expect(try action("--tailscale \(word) -x") == .subcommand(subcommand, ["-x"]))
        #expect(try action("--name \(word) next dev") == named(word, "next dev"))
    }

    /// Every call in which one of our own words is a command, with one that makes it a name below.
    private static let calls: [(String, Invocation.Action)] = [
        ("demo", .subcommand(.demo, [])),
        ("demo --once", .subcommand(.demo, ["--once"])),
        ("demo --help", .subcommand(.demo, ["--help"])),
        ("open", .subcommand(.open, [])),
        ("open myapp", .subcommand(.open, ["myapp"])),
        ("untrust", .subcommand(.untrust, [])),
        ("ports", .subcommand(.ports, [])),
        ("ports --json", .subcommand(.ports, ["--json"])),
        ("ports --watch --all", .subcommand(.ports, ["--watch", "--all"])),
        ("ports --help", .subcommand(.ports, ["--help"])),
        ("ports detect", .subcommand(.ports, ["detect"])),
        ("ports detect . --json", .subcommand(.ports, ["detect", ".", "--json"])),
        ("ports lease shop api ui", .subcommand(.ports, ["lease", "shop", "api", "ui"])),
        ("ports lease", .subcommand(.ports, ["lease"])),
        ("ports release shop", .subcommand(.ports, ["release", "shop"])),
        ("ports explain 5571", .subcommand(.ports, ["explain", "5571"])),
        ("ports kill 3000 --yes", .subcommand(.ports, ["kill", "3000", "--yes"])),
        ("ports kill x", .subcommand(.ports, ["kill", "x"])),
        ("ports kill -8080", .subcommand(.ports, ["kill", "-8080"])),
        ("ports kill -9 1234", .subcommand(.ports, ["kill", "-9", "1234"])),
        ("ports kill 1 2", .subcommand(.ports, ["kill", "1", "2"])),
        ("ports pkill 8080", .subcommand(.ports, ["pkill", "8080"])),
        ("ports find -3", .subcommand(.ports, ["find", "-3"])),
        ("ports find 3 x", .subcommand(.ports, ["find", "3", "x"])),
        ("ports 8080", .subcommand(.ports, ["8080"])),
        ("ports -8080 x", .subcommand(.ports, ["-8080", "x"])),
        ("open :8080 x", .subcommand(.open, [":8080", "x"])),
        ("down -3000", .subcommand(.down, ["-3000"])),
        ("logs -50", .subcommand(.logs, ["-50"])),
        ("ports find 3", .subcommand(.ports, ["find", "3"])),
        ("ports find", .subcommand(.ports, ["find"])),
        ("ports check a b", .subcommand(.ports, ["check", "a", "b"])),
        ("apps", .subcommand(.apps, [])),
        ("server start", .subcommand(.server, ["start"])),
        ("server status --json", .subcommand(.server, ["status", "--json"])),
        ("dashboard", .subcommand(.dashboard, [])),
        ("dashboard --no-open", .subcommand(.dashboard, ["--no-open"])),
        ("apps --json", .subcommand(.apps, ["--json"])),
        ("apps add .", .subcommand(.apps, ["add", "."])),
        ("apps show shop", .subcommand(.apps, ["show", "shop"])),
        ("apps remove shop", .subcommand(.apps, ["remove", "shop"])),
        ("up", .subcommand(.up, [])),
        ("up --foreground shop", .subcommand(.up, ["--foreground", "shop"])),
        ("down", .subcommand(.down, [])),
        ("down shop", .subcommand(.down, ["shop"])),
        ("restart web", .subcommand(.restart, ["web"])),
        ("ps --json", .subcommand(.ps, ["--json"])),
        ("logs -f -n 20 web", .subcommand(.logs, ["-f", "-n", "20", "web"])),
    ]

    private static let names = [
        ("demo next dev", "demo", "next dev"),
        ("demo next", "demo", "next"),
        ("open next dev", "open", "next dev"),
        ("untrust node server.js", "untrust", "node server.js"),
        ("server node server.js", "server", "node server.js"),
        ("server start.js", "server", "start.js"),
        ("dashboard next dev", "dashboard", "next dev"),
        ("ports node list.js", "ports", "node list.js"),
        ("ports find . -name x", "ports", "find . -name x"),
        ("ports find .", "ports", "find ."),
        ("ports next dev", "ports", "next dev"),
        ("apps next dev", "apps", "next dev"),
        ("apps node", "apps", "node"),
        ("--name ports find 3", "ports", "find 3"),
        ("--name ports kill -9 1234", "ports", "kill -9 1234"),
        ("ports python3 -m http.server 8080", "ports", "python3 -m http.server 8080"),
        ("ports serve 8080", "ports", "serve 8080"),
        ("--name apps show x", "apps", "show x"),
        ("--name demo --once.sh", "demo", ""),
        ("--name open myapp", "open", "myapp"),
        ("up node server.js", "up", "node server.js"),
        ("up shop --watch", "up", "shop --watch"),
        ("down next dev", "down", "next dev"),
        ("restart npm start", "restart", "npm start"),
        ("ps node ps.js", "ps", "node ps.js"),
        ("logs next dev", "logs", "next dev"),
        ("--name up shop", "up", "shop"),
    ]

    @Test func `each of our own words is tested both ways`() {
        func isTested(_ word: String, in lines: [String]) -> Bool {
            lines.contains { $0 == word || $0.hasPrefix(word + " ") }
        }
        for word in Subcommand.allCases where !word.isReserved {
            #expect(isTested(word.rawValue, in: Self.calls.map(\.0)), "\(word) as a command")
            #expect(isTested(word.rawValue, in: Self.names.map(\.0)), "\(word) as a name")
        }
    }

    @Test(arguments: calls)
    func `a word of ours is a subcommand where its own grammar follows`(
        line: String,
        expected: Invocation.Action,
    ) throws {
        #expect(try action(line) == expected)
    }

    @Test(arguments: names)
    func `a word of ours yields to an app of that name`(
        line: String,
        name: String,
        command: String,
    ) throws {
        guard !command.isEmpty else {
            #expect(throws: Failure.self) { try action(line) }
            return
        }
        #expect(try action(line) == named(name, command))
    }

    @Test(arguments: [
        ("kill 3000", "portless ports kill 3000"), ("kill -9 3000", "portless ports kill 3000"),
        ("web :3000", "portless alias web 3000"), ("run 3000", "portless alias <name> 3000"),
        ("--name web -3000", "portless alias web 3000"),
    ])
    func `a port in a program's place is refused, and what was meant is told`(
        line: String,
        advice: String,
    ) throws {
        let words = line.split(separator: " ").map(String.init)
        let error = #expect(throws: Failure.self) {
            try Invocation(arguments: words, isProgram: { _ in false })
        }
        #expect(error?.remedy?.contains(advice) == true)
        #expect(throws: Never.self) { try Invocation(arguments: words, isProgram: { _ in true }) }
    }

    @Test func `a typing error of ours before a port is ours`() throws {
        let invocation = try Invocation(arguments: ["ports", "explian", "8080"]) { _ in false }
        #expect(invocation.action == .subcommand(.ports, ["explian", "8080"]))
    }

    @Test func `the child's command is passed untouched`() throws {
        let expected = named("web", "vite --ip 0.0.0.0 --force -- --lan --name x --help")
        #expect(try action("web vite --ip 0.0.0.0 --force -- --lan --name x --help") == expected)
        #expect(try action("web -- vite --ip 0.0.0.0 --force -- --lan --name x --help") == expected)
        #expect(try action("web -x --force") == named("web", "-x --force"))
    }

    @Test func `flags stand before the name and behind it`() throws {
        let expected = Invocation.Action.run(
            RunRequest(naming: .exactly("web"), force: true, appPort: 4123, command: ["vite"])
        )
        #expect(try action("--force --app-port 4123 web vite") == expected)
        #expect(try action("--force web --app-port=4123 vite") == expected)
        #expect(try action("web --app-port 4123 --force -- vite") == expected)
        #expect(try action("--force --app-port 4123 -- web vite") == expected)
    }

    @Test func `run mode takes flags up to the command`() throws {
        #expect(
            try action("run --name api --force node --name server.js")
                == .run(
                    RunRequest(
                        naming: .project(override: "api"),
                        force: true,
                        command: ["node", "--name", "server.js"],
                    )
                )
        )
        #expect(try action("run") == .run(RunRequest(naming: .project(override: nil))))
        #expect(
            try action("run -- -weird")
                == .run(RunRequest(naming: .project(override: nil), command: ["-weird"]))
        )
    }

    @Test func `global flags are found in front, behind run and in a subcommand`() throws {
        for line in ["--ip 10.0.0.7 web vite", "web --ip=10.0.0.7 vite", "run --ip 10.0.0.7 vite"] {
            let globals = try Invocation(arguments: line.split(separator: " ").map(String.init))
                .globals
            #expect(globals.lanAddress == "10.0.0.7")
            #expect(globals.lan)
        }
        let start = try Invocation(arguments: ["proxy", "start", "--lan", "-p", "1355"])
        #expect(start.globals.lan)
        #expect(start.action == .subcommand(.proxy, ["start", "-p", "1355"]))
        #expect(try Invocation(arguments: ["--funnel", "list"]).globals.tailscale)
        #expect(try Invocation(arguments: ["--script", "start"]).globals.script == "start")
        let app = try Invocation(arguments: ["demo", "next", "--lan"])
        #expect(!app.globals.lan)
    }

    @Test(arguments: [
        ("--name", "--name requires"),
        ("run --name", "--name requires"),
        ("run --name --force x", "--name requires"),
        ("--ip", "--ip requires"),
        ("--script --force", "--script requires"),
        ("web --app-port", "--app-port requires"),
        ("web --app-port --force x", "--app-port requires"),
        ("web --app-port 70000 x", "Invalid app port"),
        ("web --app-port 80x x", "Invalid app port"),
        ("web", "No command provided"),
        ("web --force", "No command provided"),
        ("web --", "No command provided"),
        ("--force", "No command provided"),
        ("--name list", "No command provided"),
        ("--bogus", "Unknown flag"),
        ("web --bogus vite", "Unknown flag"),
        ("run --version", "Unknown flag"),
        ("--name list --bogus vite", "Unknown flag"),
    ])
    func `what can't be read is refused by name`(line: String, phrase: String) {
        let error = #expect(throws: Failure.self) { try action(line) }
        #expect(error?.sentence.contains(phrase) == true)
    }
}
