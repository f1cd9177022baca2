import ArgumentParser

/// A subcommand that is given its world, so that tests can give it another one.
protocol ContextCommand: ParsableCommand {
    mutating func run(_ context: CommandContext) throws
}

extension ContextCommand {
    mutating func run() throws {
        try run(.live())
    }

    /// Parses the arguments and does the command's work; the result is the exit code.
    static func perform(_ arguments: [String], _ context: CommandContext) throws -> Int32 {
        var command: Self
        do {
            command = try parse(arguments)
        } catch  where exitCode(for: error) == .success {
            context.console.print(fullMessage(for: error))
            return 0
        } catch {
            throw Failure(message(for: error))
        }
        do {
            try command.run(context)
            return 0
        } catch let code as ExitCode {
            return code.rawValue
        }
    }
}
