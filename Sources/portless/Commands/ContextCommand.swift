import ArgumentParser

/// A subcommand that is given its world, so that tests can give it another one.
protocol ContextCommand: ParsableCommand {
    mutating func run(_ context: CommandContext) throws
}

extension ContextCommand {
    mutating func run() throws {
        try run(.live())
    }
}
