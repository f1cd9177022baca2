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
            ("help", .help),
            ("help list", .command(["list", "--help"])),
            ("help ports kill", .command(["ports", "kill", "--help"])),
        ] as [(String, Invocation.Action)]
    )
    func `the short calls mean what they say`(line: String, expected: Invocation.Action) throws {
        #expect(try action(line) == expected)
    }

    @Test(arguments: [
        "list", "get", "alias", "hosts", "doctor", "trust", "clean", "prune", "proxy", "service",
    ])
    func `a reserved word is a subcommand whatever follows`(word: String) throws {
        #expect(try action(word) == .command([word]))
        #expect(try action("\(word) next dev") == .command([word, "next", "dev"]))
        #expect(try action("--tailscale \(word) -x") == .command([word, "-x"]))
        #expect(try action("--name \(word) next dev") == named(word, "next dev"))
    }

    /// Every call in which one of our own words is a command, with one that makes it a name below.
    private static let calls: [(String, Invocation.Action)] = [
        ("demo", .command(["demo"])),
        ("demo --once", .command(["demo", "--once"])),
        ("demo --help", .command(["demo", "--help"])),
        ("open", .command(["open"])),
        ("qr", .command(["qr"])),
        ("qr myapp --json", .command(["qr", "myapp", "--json"])),
        ("trust --phone --timeout 60", .command(["trust", "--phone", "--timeout", "60"])),
        ("open myapp", .command(["open", "myapp"])),
        ("untrust", .command(["untrust"])),
        ("share shop", .command(["share", "shop"])),
        (
            "share shop --ttl 2h --password",
            .command(["share", "shop", "--ttl", "2h", "--password"]),
        ),
        ("share --list", .command(["share", "--list"])),
        ("worktrees", .command(["worktrees"])),
        ("worktrees --json", .command(["worktrees", "--json"])),
        ("env", .command(["env"])),
        ("env --format json", .command(["env", "--format", "json"])),
        ("ports", .command(["ports"])),
        ("ports --json", .command(["ports", "--json"])),
        ("ports --watch --all", .command(["ports", "--watch", "--all"])),
        ("ports --help", .command(["ports", "--help"])),
        ("ports detect", .command(["ports", "detect"])),
        ("ports detect . --json", .command(["ports", "detect", ".", "--json"])),
        ("ports lease shop api ui", .command(["ports", "lease", "shop", "api", "ui"])),
        ("ports lease", .command(["ports", "lease"])),
        ("ports release shop", .command(["ports", "release", "shop"])),
        ("ports explain 5571", .command(["ports", "explain", "5571"])),
        ("ports kill 3000 --yes", .command(["ports", "kill", "3000", "--yes"])),
        ("ports kill x", .command(["ports", "kill", "x"])),
        ("ports kill -8080", .command(["ports", "kill", "-8080"])),
        ("ports kill -9 1234", .command(["ports", "kill", "-9", "1234"])),
        ("ports kill 1 2", .command(["ports", "kill", "1", "2"])),
        ("ports pkill 8080", .command(["ports", "pkill", "8080"])),
        ("ports find -3", .command(["ports", "find", "-3"])),
        ("ports find 3 x", .command(["ports", "find", "3", "x"])),
        ("ports 8080", .command(["ports", "8080"])),
        ("ports -8080 x", .command(["ports", "-8080", "x"])),
        ("open :8080 x", .command(["open", ":8080", "x"])),
        ("down -3000", .command(["down", "-3000"])),
        ("logs -50", .command(["logs", "-50"])),
        ("ports find 3", .command(["ports", "find", "3"])),
        ("ports find", .command(["ports", "find"])),
        ("ports check a b", .command(["ports", "check", "a", "b"])),
        ("apps", .command(["apps"])),
        ("server start", .command(["server", "start"])),
        ("server status --json", .command(["server", "status", "--json"])),
        ("dashboard", .command(["dashboard"])),
        ("dashboard --no-open", .command(["dashboard", "--no-open"])),
        ("apps --json", .command(["apps", "--json"])),
        ("apps add .", .command(["apps", "add", "."])),
        ("apps show shop", .command(["apps", "show", "shop"])),
        ("apps set shop --start manual", .command(["apps", "set", "shop", "--start", "manual"])),
        ("apps remove shop", .command(["apps", "remove", "shop"])),
        ("up", .command(["up"])),
        ("up --foreground shop", .command(["up", "--foreground", "shop"])),
        ("down", .command(["down"])),
        ("down shop", .command(["down", "shop"])),
        ("restart web", .command(["restart", "web"])),
        ("wait shop", .command(["wait", "shop"])),
        ("agents --write", .command(["agents", "--write"])),
        ("ps --json", .command(["ps", "--json"])),
        ("logs -f -n 20 web", .command(["logs", "-f", "-n", "20", "web"])),
        ("crashes", .command(["crashes"])),
        ("crashes --json", .command(["crashes", "--json"])),
        ("crashes restart 1-ab", .command(["crashes", "restart", "1-ab"])),
        ("crashes show --jsno", .command(["crashes", "show", "--jsno"])),
        ("crashes patch", .command(["crashes", "patch"])),
        (
            "crashes autofix set -- claude -p",
            .command(["crashes", "autofix", "set", "--", "claude", "-p"]),
        ),
        ("traffic -n 20 shop", .command(["traffic", "-n", "20", "shop"])),
        ("dns status", .command(["dns", "status"])),
        ("docker watch on", .command(["docker", "watch", "on"])),
        ("docker bridge", .command(["docker", "bridge"])),
        ("docker run web -- -d nginx", .command(["docker", "run", "web", "--", "-d", "nginx"])),
        ("docker compose -f a.yml up", .command(["docker", "compose", "-f", "a.yml", "up"])),
        ("config show", .command(["config", "show"])),
        ("config show --json", .command(["config", "show", "--json"])),
        ("jobs", .command(["jobs"])),
        ("jobs show build", .command(["jobs", "show", "build"])),
        ("jobs run --wait -- make all", .command(["jobs", "run", "--wait", "--", "make", "all"])),
        ("mcp", .command(["mcp"])),
        ("mcp install claude", .command(["mcp", "install", "claude"])),
        ("browser", .command(["browser"])),
        ("remote", .command(["remote"])),
        ("completions zsh", .command(["completions", "zsh"])),
        ("remote dev@box", .command(["remote", "dev@box"])),
        ("remote --stop box", .command(["remote", "--stop", "box"])),
        ("remote status --json", .command(["remote", "status", "--json"])),
        ("browser open shop", .command(["browser", "open", "shop"])),
        ("browser open --help", .command(["browser", "open", "--help"])),
    ]

    private static let names = [
        ("demo next dev", "demo", "next dev"),
        ("demo next", "demo", "next"),
        ("open next dev", "open", "next dev"),
        ("qr node server.js", "qr", "node server.js"),
        ("untrust node server.js", "untrust", "node server.js"),
        ("share node server.js", "share", "node server.js"),
        ("worktrees next dev", "worktrees", "next dev"),
        ("env node server.js", "env", "node server.js"),
        ("server node server.js", "server", "node server.js"),
        ("server start.js", "server", "start.js"),
        ("dashboard next dev", "dashboard", "next dev"),
        ("ports node list.js", "ports", "node list.js"),
        ("ports find . -name x", "ports", "find . -name x"),
        ("ports find .", "ports", "find ."),
        ("ports next dev", "ports", "next dev"),
        ("apps next dev", "apps", "next dev"),
        ("apps node", "apps", "node"),
        ("apps next dev --help", "apps", "next dev --help"),
        ("demo next --help", "demo", "next --help"),
        ("help next dev", "help", "next dev"),
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
        ("wait node server.js", "wait", "node server.js"),
        ("agents next dev", "agents", "next dev"),
        ("ps node ps.js", "ps", "node ps.js"),
        ("logs next dev", "logs", "next dev"), ("traffic next dev", "traffic", "next dev"),
        ("dns node server.js", "dns", "node server.js"),
        ("docker node server.js", "docker", "node server.js"),
        ("docker watch src", "docker", "watch src"),
        ("config next dev", "config", "next dev"),
        ("crashes next dev", "crashes", "next dev"),
        ("crashes patch -p1 a b", "crashes", "patch -p1 a b"),
        ("jobs node server.js", "jobs", "node server.js"),
        ("mcp node server.js", "mcp", "node server.js"),
        ("completions next dev", "completions", "next dev"),
        ("remote next dev", "remote", "next dev"), ("remote vite", "remote", "vite"),
        ("browser next dev", "browser", "next dev"), ("browser serve", "browser", "serve"),
        ("--name up shop", "up", "shop"),
    ]

    @Test func `each of our own words is tested both ways`() {
        func isTested(_ word: String, in lines: [String]) -> Bool {
            lines.contains { $0 == word || $0.hasPrefix(word + " ") }
        }
        for word in PortlessCommand.subcommandNames
        where !CommandCall.reserved.contains(word) && !word.hasPrefix("__") {
            #expect(isTested(word, in: Self.calls.map(\.0)), "\(word) as a command")
            #expect(isTested(word, in: Self.names.map(\.0)), "\(word) as a name")
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
        #expect(invocation.action == .command(["ports", "explian", "8080"]))
    }

    @Test(arguments: [
        ("ports --jsn", "Unknown flag \"--jsn\"", "--json, --watch, --all"),
        ("up --env", "Missing value for '--env <env>'", "portless up"),
        ("ports --json detect", "stand after its name", "portless ports"),
    ])
    func `a slip in the flags of our command is told of that command`(
        line: String,
        sentence: String,
        remedy: String,
    ) {
        let error = #expect(throws: Failure.self) { try action(line) }
        #expect(error?.sentence.contains(sentence) == true)
        #expect(error?.remedy?.contains(remedy) == true)
    }

    @Test func `the child's command is passed untouched`() throws {
        let expected = named("web", "vite --ip 0.0.0.0 --force -- --lan --name x --help")
        #expect(try action("web vite --ip 0.0.0.0 --force -- --lan --name x --help") == expected)
        #expect(try action("web -- vite --ip 0.0.0.0 --force -- --lan --name x --help") == expected)
        #expect(try action("web -x --force") == named("web", "-x --force"))
        #expect(try action("web vite --ip") == named("web", "vite --ip"))
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
        for (line, prefix) in [("run --prefix x vite", "x"), ("run --no-worktree vite", "")] {
            #expect(
                try action(line)
                    == .run(
                        RunRequest(
                            naming: .project(override: nil),
                            prefix: prefix,
                            command: ["vite"],
                        )
                    )
            )
        }
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
        #expect(start.action == .command(["proxy", "start", "-p", "1355"]))
        #expect(try Invocation(arguments: ["--funnel", "list"]).globals.tailscale)
        #expect(try Invocation(arguments: ["--script", "start"]).globals.script == "start")
        for arguments in [
            ["--kill-timeout", "60", "run", "x"], ["run", "--kill-timeout=60", "x"],
        ] {
            let run = try Invocation(arguments: arguments)
            #expect(run.globals.killLimit == .seconds(60))
        }
        #expect(try Invocation(arguments: ["run", "x"]).globals.killLimit == .seconds(10))
        #expect(try Invocation(arguments: ["--kill-timeout", "0"]).globals.killLimit == nil)
        #expect(throws: Failure.self) { try Invocation(arguments: ["--kill-timeout", "-1"]) }
        #expect(throws: Failure.self) { try Invocation(arguments: ["--kill-timeout", "1s"]) }
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
