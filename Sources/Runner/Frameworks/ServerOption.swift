/// One thing that a server is told on its command line, unless the user has said it already.
struct ServerOption: Sendable {
    enum Value: Sendable {
        case port
        case host
        /// `host:port`
        case address
        /// The flag says all.
        case none
    }

    /// Nil: the value stands alone.
    let flag: String?
    let value: Value
    /// Other ways to say the same, or something that makes it pointless.
    let alternatives: [String]
    /// For a value that stands alone: the flags whose own values are no such value.
    var flagsWithValues: Set<String> = []

    static func port(_ flag: String = "--port", or alternatives: String...) -> ServerOption {
        ServerOption(flag: flag, value: .port, alternatives: alternatives)
    }

    static func host(_ flag: String = "--host", or alternatives: String...) -> ServerOption {
        ServerOption(flag: flag, value: .host, alternatives: alternatives)
    }

    static func address(_ flag: String, or alternatives: String...) -> ServerOption {
        ServerOption(flag: flag, value: .address, alternatives: alternatives)
    }

    static func only(_ flag: String, unless alternatives: String...) -> ServerOption {
        ServerOption(flag: flag, value: .none, alternatives: alternatives)
    }

    static func standingAlone(_ value: Value, flagsWithValues: Set<String>) -> ServerOption {
        ServerOption(flag: nil, value: value, alternatives: [], flagsWithValues: flagsWithValues)
    }
}

extension ServerOption {
    /// Whether `arguments`, those behind the server's name, already say this.
    func isGiven(in arguments: [String]) -> Bool {
        guard let flag else { return hasStandaloneValue(arguments) }
        return ([flag] + alternatives).contains { name in
            arguments.contains { argument in
                argument == name || argument.hasPrefix(name + "=")
                    || name.isShortFlag && argument.hasPrefix(name) && !argument.hasPrefix("--")
            }
        }
    }

    /// An address or a port begins with a digit, a bracket or, as a name, has a colon.
    private func hasStandaloneValue(_ arguments: [String]) -> Bool {
        var isFlagsValue = false
        for argument in arguments {
            defer { isFlagsValue = flagsWithValues.contains(argument) }
            guard !isFlagsValue, !argument.hasPrefix("-") else { continue }
            if let first = argument.first, first.isNumber || first == "[" { return true }
            if argument.contains(":") { return true }
        }
        return false
    }
}

extension String {
    /// `-p`, after which the value may follow at once.
    fileprivate var isShortFlag: Bool {
        utf8.count == 2 && hasPrefix("-") && self != "--"
    }
}
