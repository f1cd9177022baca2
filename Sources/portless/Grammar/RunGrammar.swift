import HostSystem
import PortlessCore
import Projects
import Runner

/// Reads run mode and named mode, whose flags end where the child's command begins.
///
/// Run mode is `run [flags] [--] [command…]`, named mode `[flags] <name> [flags] [--] <command…>`.
struct RunGrammar {
    private(set) var globals: GlobalOptions
    private var reader: FlagReader
    private var force = false
    private var appPort: Port?
    private var path = PathFlags()
    private var upstream = UpstreamFlags()
    private var name: String?
    private var namePrefix: String?
    private var isHelpWanted = false
    private var isDetached = false
    private var wait: String?
    private var json = false

    private init(_ arguments: some Sequence<String>, globals: GlobalOptions) {
        reader = FlagReader(arguments)
        self.globals = globals
    }

    /// Everything after `run`; nil when it asks for help.
    static func runMode(
        _ arguments: some Sequence<String>,
        globals: inout GlobalOptions,
    ) throws -> RunRequest? {
        var grammar = RunGrammar(arguments, globals: globals)
        try grammar.readFlags(prefix: "-", extra: Self.runFlags)
        globals = grammar.globals
        return grammar.isHelpWanted
            ? nil : try grammar.request(.project(override: grammar.name))
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
        // Only long flags here: `-x` right after the name is no flag of ours, and
        // the original hands it to the child.
        try grammar.readFlags(prefix: "--", extra: [])
        guard grammar.reader.next != nil else { throw Failure.noCommand(after: name) }
        globals = grammar.globals
        return try grammar.request(.exactly(name))
    }

    /// Those of both modes, but for the global ones.
    static let commonFlags = [
        "--force", "--app-port", "--path", "--strip-path", "--https-upstream", "--insecure",
        "--detach", "--wait", "--json",
    ]
    private static let runFlags = ["--name", "--prefix", "--no-worktree", "--help", "-h"]

    private func request(_ naming: RunRequest.Naming) throws -> RunRequest {
        var request = RunRequest(
            naming: naming,
            prefix: namePrefix,
            force: force,
            appPort: appPort,
            path: path,
            upstreamProtocol: try upstream.chosen(),
            command: Array(reader.rest),
        )
        guard isDetached else {
            guard wait == nil, !json else {
                throw Failure(
                    "\(json ? "--json" : "--wait") goes with --detach only.",
                    remedy: "A run in the terminal is the app's own output.",
                )
            }
            return request
        }
        guard request.upstreamProtocol == .http1 else {
            throw Failure(
                "--https-upstream and --detach exclude each other.",
                remedy: "Give an app in the background its name with `portless alias`.",
            )
        }
        guard !force else {
            throw Failure(
                "--force and --detach exclude each other.",
                remedy: "End the app that has the name first; `portless list` shows it.",
            )
        }
        request.detachment = RunRequest.Detachment(wait: wait, json: json)
        return request
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
            case "--path":
                path.prefix = try reader.value("a path such as /api")
            case "--strip-path" where argument == "--strip-path":
                path.isStripped = true
            case "--https-upstream" where argument == "--https-upstream":
                upstream.isHTTPS = true
            case "--insecure" where argument == "--insecure":
                upstream.isInsecure = true
            case "--detach" where argument == "--detach":
                isDetached = true
            case "--json" where argument == "--json":
                json = true
            case "--wait":
                // What stands after it is the command.
                let value = argument.dropFirst("--wait=".count)
                wait = argument == "--wait" ? String(WaitLimit.usualSeconds) : String(value)
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
                    known: Self.commonFlags + extra + GlobalOptions.names,
                )
            }
            reader.skip()
        }
    }
}

/// An app that is to run under a name.
struct RunRequest: Equatable, Sendable {
    enum Naming: Equatable, Sendable {
        /// Named mode: this name as it stands, in a worktree too.
        case exactly(String)
        /// Run mode: the project's name, or this one, after the worktree's prefix.
        case project(override: String?)
    }

    /// That it is to run in the background.
    struct Detachment: Equatable, Sendable {
        /// For how many seconds to wait until it answers, as the user wrote it.
        var wait: String?
        var json = false
    }

    var naming: Naming
    /// What the name gets in front in place of the worktree's branch; empty for nothing.
    var prefix: String?
    var force = false
    /// What `--app-port` asks for.
    var appPort: Port?
    /// What `--path` asks for.
    var path = PathFlags()
    /// What the app speaks on its port.
    var upstreamProtocol = Route.UpstreamProtocol.http1
    var detachment: Detachment?
    /// The program and its arguments, untouched; empty in run mode means the project's script.
    var command: [String] = []
}

/// Which part of a host an app is to have, as the user wrote it.
struct PathFlags: Equatable, Sendable {
    var prefix: String?
    var isStripped = false

    /// The flags, else the variables, else what the project says; nil for the whole host.
    func path(
        _ environment: [String: String],
        _ configuration: AppConfiguration? = nil,
    ) throws -> RoutePath? {
        let variable = environment["PORTLESS_PATH"].flatMap { $0.isEmpty ? nil : $0 }
        guard let text = prefix ?? variable else {
            guard isStripped, let path = configuration?.path else {
                guard !isStripped else {
                    throw Failure(
                        "--strip-path takes a path that is left out.",
                        remedy: "For example: --path /api --strip-path",
                    )
                }
                return configuration?.path
            }
            return try RoutePath(parsing: path.prefix, isStripped: true)
        }
        let isStripped =
            isStripped || ["1", "true"].contains(environment["PORTLESS_STRIP_PATH"]?.lowercased())
        do {
            return try RoutePath(parsing: text, isStripped: isStripped)
        } catch {
            throw Failure(
                "Invalid path \"\(text)\" in \(prefix == nil ? "PORTLESS_PATH" : "--path"): "
                    + "\(error.explanation).",
                remedy: "For example: --path /api",
            )
        }
    }
}

/// What an upstream speaks besides HTTP/1.1, as the user wrote it.
struct UpstreamFlags: Equatable, Sendable {
    var isHTTPS = false
    var isInsecure = false

    func chosen() throws -> Route.UpstreamProtocol {
        guard isHTTPS else {
            guard !isInsecure else {
                throw Failure(
                    "--insecure goes with an upstream that speaks HTTPS only.",
                    remedy: "For example: --https-upstream --insecure",
                )
            }
            return .http1
        }
        return .https(UpstreamTLS(serverName: "localhost", isInsecure: isInsecure))
    }
}

/// Flags that mean the same before every command.
struct GlobalOptions: Equatable, Sendable {
    var lan = false
    var lanAddress: String?
    var tailscale = false
    var funnel = false
    var ngrok = false
    var cloudflare = false
    /// The package.json script to run in place of `dev`.
    var script: String?
    /// Whether no person may be asked anything.
    var noInput = false
    /// How long an app that is to end may take before it is killed; zero: as long as it likes.
    var killTimeout = ForegroundPolicy.usualKillTimeout

    static let names = [
        "--lan", "--ip", "--tailscale", "--funnel", "--ngrok", "--cloudflare", "--script",
        "--kill-timeout", "--no-input",
    ]

    /// Those that are also settings of the environment, so that apps and daemons get them, too.
    var environment: [String: String] {
        var result: [String: String] = [:]
        if lan { result["PORTLESS_LAN"] = "1" }
        result["PORTLESS_LAN_IP"] = lanAddress
        return result
    }

    /// Nil for no limit.
    var killLimit: Duration? { killTimeout == .zero ? nil : killTimeout }

    /// Takes the flag that stands in front, if it is one of these.
    mutating func take(from reader: inout FlagReader) throws -> Bool {
        switch reader.flag {
        case "--lan":
            lan = true
        case "--ip", "--lan-ip-auto":
            let text = try reader.value("an IP address")
            guard IPAddress(text) != nil else {
                throw Failure(
                    "Invalid address \"\(text)\" for --ip.",
                    remedy: "An IP address is one such as 192.168.1.20.",
                )
            }
            lanAddress = text
            lan = true
        case "--tailscale":
            tailscale = true
        case "--funnel":
            funnel = true
            tailscale = true
        case "--ngrok":
            ngrok = true
        case "--cloudflare":
            cloudflare = true
        case "--no-input":
            noInput = true
        case "--script":
            script = try reader.value("the name of a package.json script")
        case "--kill-timeout":
            let text = try reader.value("a number of seconds")
            guard let seconds = UInt32(text) else {
                throw Failure(
                    "Invalid --kill-timeout \"\(text)\".",
                    remedy: "It takes seconds, for example 60; 0 means no limit.",
                )
            }
            killTimeout = .seconds(Int64(seconds))
        default:
            return false
        }
        reader.skip()
        return true
    }

    /// Takes all of them out of a subcommand's arguments, up to the first `--`.
    mutating func extract(from arguments: some Sequence<String>) throws -> [String] {
        var reader = FlagReader(arguments)
        var others: [String] = []
        while let argument = reader.next, argument != "--" {
            if try take(from: &reader) { continue }
            others.append(argument)
            reader.skip()
        }
        return others + reader.rest
    }
}

/// Reads an argument list from the front, one flag at a time.
struct FlagReader {
    private(set) var rest: ArraySlice<String>

    init(_ arguments: some Sequence<String>) {
        rest = ArraySlice(arguments)
    }

    var next: String? { rest.first }

    /// The argument in front without its `=value`.
    var flag: Substring? {
        guard let next, next.hasPrefix("--"), let equals = next.firstIndex(of: "=") else {
            return next.map { $0[...] }
        }
        return next[..<equals]
    }

    mutating func skip() { rest = rest.dropFirst() }

    /// The value of the flag in front (`--flag value` or `--flag=value`); for the first, moves on
    /// to the value, so that one `skip()` passes both.
    mutating func value(_ meaning: String) throws -> String {
        guard let next, let flag else { throw Failure.noCommand }
        if flag.endIndex < next.endIndex {
            let value = next[next.index(after: flag.endIndex)...]
            if !value.isEmpty { return String(value) }
        } else if let value = rest.dropFirst().first, !value.hasPrefix("-"), !value.isEmpty {
            skip()
            return value
        }
        throw Failure(
            "\(flag) requires \(meaning).",
            remedy: "For example: \(flag) \(Self.example(of: String(flag)))",
        )
    }

    private static func example(of flag: String) -> String {
        switch flag {
        case "--app-port": "4123"
        case "--kill-timeout": "60"
        case "--name": "myapp"
        case "--path": "/api"
        case "--prefix": "review"
        case "--script": "dev"
        default: "192.168.1.20"
        }
    }
}
