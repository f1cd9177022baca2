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
        case "--name": "myapp"
        case "--script": "dev"
        default: "192.168.1.20"
        }
    }
}
