import ArgumentParser
import PortlessCore

/// A call of one of our own commands, such as `ports kill 3000`.
struct CommandCall {
    /// The command that the first words name.
    let command: any ParsableCommand.Type
    /// Whether that takes two words.
    let isSubcommand: Bool
    let words: [String]
    /// What follows its name.
    let arguments: ArraySlice<String>

    /// Nil where the first word names no command of ours.
    init?(_ words: [String]) {
        guard let first = words.first, let command = PortlessCommand.subcommand(first) else {
            return nil
        }
        self.words = words
        if words.count > 1, let subcommand = command.subcommand(words[1]) {
            self.command = subcommand
            isSubcommand = true
        } else {
            self.command = command
            isSubcommand = false
        }
        arguments = words.dropFirst(isSubcommand ? 2 : 1)
    }

    /// What the command's help says; nil where the arguments don't ask for it.
    var help: String? {
        guard asksForHelp else { return nil }
        let name = words.prefix(isSubcommand ? 2 : 1)
        return CommandExamples.added(to: PortlessCommand.helpMessage(for: command), of: name)
    }

    /// The command with its arguments but for a request for help; nil where it doesn't declare them.
    var parsedWithoutHelp: (any ParsableCommand)? {
        try? parse(words.filter { !Self.isHelp($0) })
    }

    /// The command with its arguments; what it doesn't declare is refused.
    func parse() throws -> any ParsableCommand {
        do {
            return try parse(words)
        } catch {
            throw refusal(error)
        }
    }

    /// By the command's own type, because a parent takes flags that both declare (`ports --json`,
    /// `ports detect --json`) for its own.
    private func parse(_ words: [String]) throws -> any ParsableCommand {
        let arguments = words.dropFirst(isSubcommand ? 2 : 1)
        let parsed = try command.parseAsRoot(withUsualValues(arguments))
        // In `ports --json detect`, ArgumentParser finds a subcommand after a flag and drops the flag.
        guard type(of: parsed) == command else {
            throw ValidationError("The flags of a subcommand stand after its name.")
        }
        return parsed
    }

    /// The values of `up --wait` and `share --password` may be left out, so they never stand in words
    /// of their own.
    private func withUsualValues(_ arguments: ArraySlice<String>) -> [String] {
        let values = [
            ObjectIdentifier(UpCommand.self): ("--wait", String(WaitLimit.usualSeconds)),
            ObjectIdentifier(ShareCommand.self): ("--password", ShareCommand.madeUp),
        ]
        guard let (flag, value) = values[ObjectIdentifier(command)] else { return Array(arguments) }
        let own = arguments.prefix { $0 != "--" }
        return own.map { $0 == flag ? "\(flag)=\(value)" : $0 } + arguments.dropFirst(own.count)
    }

    /// Whether the first argument is a flag of the command, and none that a run has, too.
    var beginsWithFlag: Bool {
        guard let first = arguments.first, first.hasPrefix("-"), first != "-",
            !RunGrammar.commonFlags.contains(String(first.prefix { $0 != "=" }))
        else { return false }
        return !DeclaredFlags(of: command).lack(first)
    }

    private var asksForHelp: Bool { arguments.prefix { $0 != "--" }.contains(where: Self.isHelp) }

    private static func isHelp(_ word: String) -> Bool { word == "--help" || word == "-h" }

    /// In our own words where ArgumentParser's don't say what to do.
    private func refusal(_ error: any Error) -> Failure {
        let flags = DeclaredFlags(of: command)
        if let flag = arguments.prefix(while: { $0 != "--" }).first(where: flags.lack) {
            return .unknownFlag(flag, known: flags.shown)
        }
        let subcommands = command.subcommandNames
        if let word = arguments.first, !subcommands.isEmpty, !word.hasPrefix("-") {
            let name = command._commandName
            let nearest = Suggestion.nearest(to: word, among: subcommands)
            return Failure(
                "Unknown \(name) subcommand \"\(word)\".",
                remedy: (nearest.map { "Did you mean: portless \(name) \($0)? " } ?? "")
                    + "There are: "
                    + subcommands.map { "portless \(name) \($0)" }.joined(separator: ", "),
            )
        }
        let sentence = PortlessCommand.message(for: error)
        return Failure(
            sentence.last?.isPunctuation == true && !sentence.hasSuffix("'")
                ? sentence : sentence + ".",
            remedy: "Usage: \(PortlessCommand.usageString(for: command))",
        )
    }
}

extension ParsableCommand {
    static var subcommandNames: [String] { configuration.subcommands.map { $0._commandName } }

    /// The subcommand of this name.
    fileprivate static func subcommand(_ name: String) -> (any ParsableCommand.Type)? {
        configuration.subcommands.first { $0._commandName == name }
    }
}
