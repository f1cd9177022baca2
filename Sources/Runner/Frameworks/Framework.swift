/// A development server that has to be told its port on the command line.
struct Framework: Sendable {
    /// The names it is started by.
    let names: Set<String>
    /// What it is told, in this order, behind its own arguments.
    let options: [ServerOption]
    private let servesWith: @Sendable (_ words: [String]) -> Bool

    /// One that serves whatever its arguments are.
    init(_ names: String..., options: [ServerOption]) {
        self.names = Set(names)
        self.options = options
        servesWith = { _ in true }
    }

    /// One that serves only with one of these commands, each one or more words; the empty one
    /// means none at all.
    init(_ names: String..., commands: [String], options: [ServerOption]) {
        self.names = Set(names)
        self.options = options
        let commands = commands.map { $0.split(separator: " ").map { String($0) } }
        servesWith = { words in
            commands.contains { command in
                // Anywhere, since the values of flags may stand before it.
                command.isEmpty ? words.isEmpty : !words.ranges(of: command).isEmpty
            }
        }
    }

    /// One that serves except with these commands.
    init(_ names: String..., except commands: [String], options: [ServerOption]) {
        self.names = Set(names)
        self.options = options
        servesWith = { words in !words.contains(where: commands.contains) }
    }

    /// Whether it would serve with `arguments`: `vite build` doesn't, and doesn't know of ports.
    func serves(with arguments: [String]) -> Bool {
        servesWith(arguments.filter { !$0.hasPrefix("-") })
    }
}
