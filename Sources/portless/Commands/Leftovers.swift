import ArgumentParser

/// The arguments that a command has no use for, caught so that we name them in our own words.
struct Leftovers: ParsableArguments {
    @Argument(parsing: .allUnrecognized, help: .hidden)
    var arguments: [String] = []

    func refuse(in command: String, flags: [String] = []) throws {
        guard let first = arguments.first else { return }
        throw first.hasPrefix("-")
            ? Self.unknown(first, known: flags) : Failure.unexpected(first, command: command)
    }

    /// The words among them; a flag, and what is too much, is refused.
    func words(
        atMost limit: Int = .max,
        in command: String,
        flags: [String] = [],
    ) throws -> [String] {
        if let flag = arguments.first(where: { $0.hasPrefix("-") }) {
            throw Self.unknown(flag, known: flags)
        }
        if arguments.count > limit {
            throw Failure.unexpected(arguments[limit], command: command)
        }
        return arguments
    }

    private static func unknown(_ flag: String, known: [String]) -> Failure {
        guard PortWord.isLikely(flag) else { return .unknownFlag(flag, known: known) }
        return Failure(
            "Unknown flag \"\(flag)\".",
            remedy: "A number is written without a dash: \(flag.drop { !$0.isNumber })",
        )
    }
}
