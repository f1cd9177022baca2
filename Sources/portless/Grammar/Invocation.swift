/// What the arguments of one call ask for.
///
/// The first row that fits decides. Flags of ``GlobalOptions`` may stand before any of them.
///
/// | Arguments | Meaning |
/// |---|---|
/// | `--name N …` | named mode for `N`, even where `N` is a subcommand's word |
/// | `run …` | run mode: the project's name |
/// | nothing, or `-- …` | the project's `dev` script; what follows `--` goes to the script |
/// | `--help`, `-h`; `--version`, `-v` | help; version |
/// | `help`, followed by nothing or by a command's words | help |
/// | a word that the npm original reserves | that command, whatever follows |
/// | another command's word, followed by what that command's type declares | that command |
/// | a slip in such a call, as in `ports kill -8080` | that command, which refuses it |
/// | anything else | named mode: `[flags] <name> [flags] [--] <command…>` |
///
/// So `portless demo --once` is the demo, and `portless demo next dev` runs an app named demo.
struct Invocation: Equatable, Sendable {
    enum Action: Equatable, Sendable {
        case help
        case runHelp
        case version
        /// A command's words, with its arguments.
        case command([String])
        case run(RunRequest)
        /// Zero-argument mode; the strings go to the script.
        case script([String])
    }

    let globals: GlobalOptions
    let action: Action
    /// Whether `--name` says which word is the name.
    let isNameMarked: Bool

    /// `isProgram` tells whether a word could be run.
    init(
        arguments: some Sequence<String>,
        isProgram: (String) -> Bool = { _ in true },
    ) throws {
        var globals = GlobalOptions()
        var reader = FlagReader(arguments)
        while try globals.take(from: &reader) {}
        isNameMarked = reader.rest.first == "--name"
        action = try Self.action(reader.rest, globals: &globals, isProgram)
        self.globals = globals
    }

    private static func action(
        _ arguments: ArraySlice<String>,
        globals: inout GlobalOptions,
        _ isProgram: (String) -> Bool,
    ) throws -> Action {
        guard let first = arguments.first else { return .script([]) }
        let rest = arguments.dropFirst()
        switch first {
        case "--name":
            guard !rest.isEmpty else {
                throw Failure("--name requires a name.", remedy: "For example: --name myapp")
            }
            return try run(RunGrammar.namedMode(rest, globals: &globals), isProgram)
        case "run":
            let request = try RunGrammar.runMode(rest, globals: &globals)
            return try request.map { try run($0, isProgram) } ?? .runHelp
        case "--":
            return .script(Array(rest))
        case "--help", "-h":
            return .help
        case "--version", "-v":
            return .version
        case "help" where rest.isEmpty:
            return .help
        case "help" where CommandCall(Array(rest))?.arguments.isEmpty == true:
            return .command(rest + ["--help"])
        default:
            break
        }
        guard PortlessCommand.subcommandNames.contains(first) else {
            return try run(RunGrammar.namedMode(arguments, globals: &globals), isProgram)
        }
        var extracted = globals
        let words = try [first] + extracted.extract(from: rest)
        let call = CommandCall(words)
        if call?.isMeant(isProgram) == true {
            globals = extracted
            return .command(words)
        }
        // `logs -n` lacks a number; a program called `-n` is less likely.
        if let call, call.beginsWithFlag {
            // `browser open --help` lacks its page, and is no slip.
            if call.help == nil { _ = try call.parse() }
            globals = extracted
            return .command(words)
        }
        do {
            return try run(RunGrammar.namedMode(arguments, globals: &globals), isProgram)
        } catch {
            // After a word of ours, a flag that no run has is more likely a slip in our call.
            if let call, call.arguments.first?.hasPrefix("-") == true { _ = try call.parse() }
            throw error
        }
    }

    /// `portless kill 3000` and `portless web 3000` mean a port, and no program of that name.
    private static func run(
        _ request: RunRequest,
        _ isProgram: (String) -> Bool,
    ) throws -> Action {
        guard let program = request.command.first, !isProgram(program) else { return .run(request) }
        guard PortWord.isLikely(program) else { return .run(request) }
        throw Failure(
            "\"\(program)\" is a port, and there is no program of that name.",
            remedy: request.remedyForPort(
                request.command.last(where: PortWord.isLikely) ?? program
            ),
        )
    }
}

extension CommandCall {
    /// Whether the words call the command, and not an app of that name.
    ///
    /// A port is no program, so a command that begins with one is ours, and is told what is wrong
    /// with it. A slip such as `ports kill -8080` must never run kill: it would end all processes of
    /// the user. `find` is also a program that an app might run.
    fileprivate func isMeant(_ isProgram: (String) -> Bool) -> Bool {
        if Self.reserved.contains(words[0]) || words[0].hasPrefix("__") { return true }
        let isPort = words.map(PortWord.isLikely)
        if words.count > 1, isPort[1] { return true }
        if ["ports", "apps", "jobs", "crashes"].contains(words[0]), words.count > 1 {
            if isSubcommand, !["find", "patch"].contains(words[1]) { return true }
            if words[0] == "ports", words.count > 2, isPort[2],
                isSubcommand || words[1].contains("kill") || !isProgram(words[1])
            {
                return true
            }
        }
        guard let parsed = parsedWithoutHelp else { return false }
        // `portless remote vite` runs an app called remote.
        if let machine = (parsed as? RemoteCommand)?.host, machine == arguments.first,
            !machine.contains("@"), isProgram(machine)
        {
            return false
        }
        guard let names = (parsed as? any NamesApps)?.names, names.count > 1 else { return true }
        return !isProgram(names[0])
    }

    /// The words that no app has as its name, because the npm original reserves them, too.
    ///
    /// All other words are new, and must not take a name away from an app that has it already.
    static let reserved: Set<String> = [
        "list", "get", "alias", "hosts", "doctor", "trust", "clean", "prune", "proxy", "service",
    ]
}

extension RunRequest {
    /// What may have been meant by a port in the program's place.
    fileprivate func remedyForPort(_ port: String) -> String {
        let number = port.filter(\.isNumber)
        guard case .exactly(let name) = naming else {
            return "An app that runs already gets a name by: portless alias <name> \(number)"
        }
        if name == "kill" { return "To end what listens there: portless ports kill \(number)" }
        return "An app that runs already gets its name by: portless alias \(name) \(number)"
    }
}
