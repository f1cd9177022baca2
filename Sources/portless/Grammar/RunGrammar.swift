import PortlessCore

/// Reads run mode and named mode, whose flags end where the child's command begins.
///
/// Run mode is `run [flags] [--] [command…]`, named mode `[flags] <name> [flags] [--] <command…>`.
struct RunGrammar {
    private(set) var globals: GlobalOptions
    private var reader: FlagReader
    private var force = false
    private var appPort: Port?
    private var name: String?
    private var namePrefix: String?
    private var isHelpWanted = false

    private init(_ arguments: some Sequence<String>, globals: GlobalOptions) {
        reader = FlagReader(arguments)
        self.globals = globals
    }

    /// Everything behind `run`; nil when it asks for help.
    static func runMode(
        _ arguments: some Sequence<String>,
        globals: inout GlobalOptions,
    ) throws -> RunRequest? {
        var grammar = RunGrammar(arguments, globals: globals)
        try grammar.readFlags(prefix: "-", extra: Self.runFlags)
        globals = grammar.globals
        return grammar.isHelpWanted
            ? nil : grammar.request(.project(override: grammar.name))
    }

    /// The whole line where no subcommand was meant.
    static func namedMode(
        _ arguments: some Sequence<String>,
        globals: inout GlobalOptions,
    ) throws -> RunRequest {
        var grammar = RunGrammar(arguments, globals: globals)
        try grammar.readFlags(prefix: "-", extra: [])
        guard let name = grammar.reader.next else { throw Failure.noCommand }
        grammar.reader.skip()
        // Only long flags here: `-x` right behind the name belongs to nobody else's grammar, but
        // the original hands it to the child.
        try grammar.readFlags(prefix: "--", extra: [])
        guard grammar.reader.next != nil else { throw Failure.noCommand }
        globals = grammar.globals
        return grammar.request(.exactly(name))
    }

    private static let runFlags = ["--name", "--prefix", "--no-worktree", "--help", "-h"]

    private func request(_ naming: RunRequest.Naming) -> RunRequest {
        RunRequest(
            naming: naming,
            prefix: namePrefix,
            force: force,
            appPort: appPort,
            command: Array(reader.rest),
        )
    }

    private mutating func readFlags(prefix: String, extra: [String]) throws {
        while let argument = reader.next, argument.hasPrefix(prefix), !isHelpWanted {
            if argument == "--" {
                reader.skip()
                return
            }
            switch reader.flag {
            case "--force":
                force = true
            case "--app-port":
                appPort = try AppPort.parse(reader.value("a port number"), source: "--app-port")
            case "--name" where extra.contains("--name"):
                name = try reader.value("a name")
            case "--prefix" where extra.contains("--prefix"):
                namePrefix = try reader.value("a word for the front of the name")
            case "--no-worktree" where extra.contains("--no-worktree"):
                namePrefix = ""
            case "--help" where extra.contains("--help"), "-h" where extra.contains("-h"):
                isHelpWanted = true
            default:
                if try globals.take(from: &reader) { continue }
                throw Failure.unknownFlag(
                    argument,
                    known: ["--force", "--app-port"] + extra + GlobalOptions.names,
                )
            }
            reader.skip()
        }
    }
}

/// An app to be run behind a name.
struct RunRequest: Equatable, Sendable {
    enum Naming: Equatable, Sendable {
        /// Named mode: this name as it stands, in a worktree too.
        case exactly(String)
        /// Run mode: the project's name, or this one, behind the worktree's prefix.
        case project(override: String?)
    }

    var naming: Naming
    /// What the name gets in front in place of the worktree's branch; empty for nothing.
    var prefix: String?
    var force = false
    /// What `--app-port` asks for.
    var appPort: Port?
    /// The program and its arguments, untouched; empty in run mode means the project's script.
    var command: [String] = []
}
