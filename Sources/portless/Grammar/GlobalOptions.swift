import Runner

/// Flags that mean the same before every command.
struct GlobalOptions: Equatable, Sendable {
    var lan = false
    var lanAddress: String?
    var tailscale = false
    var funnel = false
    var ngrok = false
    /// The package.json script to run in place of `dev`.
    var script: String?
    /// How long an app that is to end may take before it is killed; zero: as long as it likes.
    var killTimeout = ForegroundPolicy.usualKillTimeout

    static let names = [
        "--lan", "--ip", "--tailscale", "--funnel", "--ngrok", "--script", "--kill-timeout",
    ]

    /// Nil for no limit.
    var killLimit: Duration? { killTimeout == .zero ? nil : killTimeout }

    /// Takes the flag that stands in front, if it is one of these.
    mutating func take(from reader: inout FlagReader) throws -> Bool {
        switch reader.flag {
        case "--lan":
            lan = true
        case "--ip", "--lan-ip-auto":
            lanAddress = try reader.value("an IP address")
            lan = true
        case "--tailscale":
            tailscale = true
        case "--funnel":
            funnel = true
            tailscale = true
        case "--ngrok":
            ngrok = true
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
    /// to the value, so that one `skip()` leaves both behind.
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
        case "--prefix": "review"
        case "--script": "dev"
        default: "192.168.1.20"
        }
    }
}
