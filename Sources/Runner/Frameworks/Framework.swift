/// A development server that has to be told its port on the command line.
struct Framework: Sendable {
    /// The names it is started by.
    let names: Set<String>
    /// What it is told, in this order, behind its own arguments.
    let options: [ServerOption]
    /// Flags before the command whose values could be taken for it.
    private var flagsWithValues: Set<String> = []
    private let servesWith: @Sendable (_ words: [String], _ isLed: Bool) -> Bool

    /// One that serves whatever its arguments are.
    init(_ names: String..., options: [ServerOption]) {
        self.names = Set(names)
        self.options = options
        servesWith = { _, _ in true }
    }

    /// One that serves only with one of these commands, each one or more words; the empty one
    /// means none at all.
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
                // Anywhere behind a flag, since its value may stand before it.
                return isLed ? words.starts(with: command) : !words.ranges(of: command).isEmpty
            }
        }
    }

    /// One that serves except with these commands.
    init(_ names: String..., except commands: [String], options: [ServerOption]) {
        self.names = Set(names)
        self.options = options
        servesWith = { words, isLed in
            !words.prefix(isLed ? 1 : .max).contains(where: commands.contains)
        }
    }

    /// Whether it would serve with `arguments`: `vite build` doesn't, and doesn't know of ports.
    func serves(with arguments: [String]) -> Bool {
        var words: [String] = []
        var isLed = arguments.first.map { !$0.hasPrefix("-") } ?? false
        var isValue = false
        for argument in arguments {
            let isFlag = argument.hasPrefix("-")
            if !isFlag, !isValue {
                // All flags before it are known, so it is the command.
                if words.isEmpty, !flagsWithValues.isEmpty { isLed = true }
                words.append(argument)
            }
            isValue = flagsWithValues.contains(argument)
        }
        return servesWith(words, isLed)
    }
}
