/// What the arguments of one call ask for.
///
/// The first row that fits decides. Flags of ``GlobalOptions`` may stand before any of them.
///
/// | Arguments | Meaning |
/// |---|---|
/// | `--name N …` | named mode for `N`, even where `N` is a subcommand's word |
/// | `run …` | run mode: the project's name |
/// | nothing, or `-- …` | the project's `dev` script; what stands behind `--` goes to the script |
/// | `--help`, `-h`; `--version`, `-v` | help; version |
/// | a reserved word (``Subcommand/isReserved``) | that subcommand, whatever follows |
/// | another subcommand's word, followed by that command's grammar | that subcommand |
/// | anything else | named mode: `[flags] <name> [flags] [--] <command…>` |
///
/// So `portless demo --once` is the demo, and `portless demo next dev` runs an app named demo.
struct Invocation: Equatable, Sendable {
    enum Action: Equatable, Sendable {
        case help
        case runHelp
        case version
        case subcommand(Subcommand, [String])
        case run(RunRequest)
        /// Zero-argument mode; the strings go to the script.
        case script([String])
    }

    let globals: GlobalOptions
    let action: Action

    /// `isProgram` tells whether a word could be run.
    init(
        arguments: some Sequence<String>,
        isProgram: (String) -> Bool = { _ in true },
    ) throws {
        var globals = GlobalOptions()
        var reader = FlagReader(arguments)
        while try globals.take(from: &reader) {}
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
        default:
            break
        }
        if let subcommand = Subcommand(rawValue: first) {
            var extracted = globals
            let own = try extracted.extract(from: rest)
            if subcommand.isReserved || subcommand.understands(own, isProgram: isProgram) {
                globals = extracted
                return .subcommand(subcommand, own)
            }
        }
        return try run(RunGrammar.namedMode(arguments, globals: &globals), isProgram)
    }

    /// `portless kill 3000` and `portless web 3000` mean a port, and no program of that name.
    private static func run(
        _ request: RunRequest,
        _ isProgram: (String) -> Bool,
    ) throws -> Action {
        guard let program = request.command.first, PortWord.isLikely(program), !isProgram(program)
        else { return .run(request) }
        throw Failure(
            "\"\(program)\" is a port, and there is no program of that name.",
            remedy: request.remedyForPort(
                request.command.last(where: PortWord.isLikely) ?? program
            ),
        )
    }
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
