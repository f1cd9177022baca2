/// A development server that takes its port on the command line.
struct Framework: Sendable {
    /// The names of its program.
    let names: Set<String>
    /// The options to append to its arguments, in this order.
    let options: [ServerOption]
    /// Flags before the subcommand whose values could be mistaken for it.
    private var flagsWithValues: Set<String> = []
    private let servesWith: @Sendable (_ words: [String], _ isLed: Bool) -> Bool

    /// A server that serves with any arguments.
    init(_ names: String..., options: [ServerOption]) {
        self.names = Set(names)
        self.options = options
        servesWith = { _, _ in true }
    }

    /// A server that serves only with one of these subcommands, each one or more words; the empty
    /// one means none at all.
    init(
        _ names: String...,
        commands: [String],
        flagsWithValues: Set<String> = [],
        options: [ServerOption],
    ) {
        self.names = Set(names)
        self.options = options
        self.flagsWithValues = flagsWithValues
        let commands = commands.map { $0.split(separator: " ").map { String($0) } }
        servesWith = { words, isLed in
            commands.contains { command in
                if command.isEmpty { return words.isEmpty }
                // Anywhere after a flag, whose value may come first.
                return isLed ? words.starts(with: command) : !words.ranges(of: command).isEmpty
            }
        }
    }

    /// A server that serves except with these subcommands.
    init(_ names: String..., except commands: [String], options: [ServerOption]) {
        self.names = Set(names)
        self.options = options
        servesWith = { words, isLed in
            !words.prefix(isLed ? 1 : .max).contains(where: commands.contains)
        }
    }

    /// Whether it serves with `arguments`: `vite build` doesn't, and takes no port.
    func serves(with arguments: [String]) -> Bool {
        var words: [String] = []
        var isLed = arguments.first.map { !$0.hasPrefix("-") } ?? false
        var isValue = false
        for argument in arguments {
            let isFlag = argument.hasPrefix("-")
            if !isFlag, !isValue {
                // All flags before it are known, so it is the subcommand.
                if words.isEmpty, !flagsWithValues.isEmpty { isLed = true }
                words.append(argument)
            }
            isValue = flagsWithValues.contains(argument)
        }
        return servesWith(words, isLed)
    }
}

/// An option of a server, which is added unless the user has given it.
struct ServerOption: Sendable {
    enum Value: Sendable {
        case port
        case host
        /// `host:port`
        case address
        /// A flag without a value.
        case none
    }

    /// Nil: the value comes without a flag.
    let flag: String?
    let value: Value
    /// Other flags that say the same, or that make it pointless.
    let alternatives: [String]
    /// For a value without a flag: the flags whose own values could be mistaken for it.
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
    /// Whether `arguments`, those after the server's name, already contain it.
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
    /// A flag such as `-p`, directly followed by its value.
    fileprivate var isShortFlag: Bool {
        utf8.count == 2 && hasPrefix("-") && self != "--"
    }
}
