import ArgumentParser

/// The arguments that a command has no use for, caught so that we name them in our own words.
struct Leftovers: ParsableArguments {
    @Argument(parsing: .allUnrecognized, help: .hidden)
    var arguments: [String] = []

    func refuse(in command: String, flags: [String] = []) throws {
        guard let first = arguments.first else { return }
        throw first.hasPrefix("-")
            ? Failure.unknownFlag(first, known: flags)
            : Failure.unexpected(first, command: command)
    }
}
