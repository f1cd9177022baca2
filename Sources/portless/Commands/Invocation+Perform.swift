import ArgumentParser

extension Invocation {
    /// Does what was asked for; the result is the exit code.
    func perform(_ context: CommandContext) throws -> Int32 {
        switch action {
        case .help:
            context.console.print(Help.main)
        case .runHelp:
            context.console.print(Help.run)
        case .version:
            context.console.print(Portless.version)
        case .subcommand(let subcommand, let arguments):
            return try subcommand.perform(arguments, context)
        case .run, .script:
            throw Failure.noCommand
        }
        return 0
    }
}

extension Subcommand {
    private var type: (any ContextCommand.Type)? {
        nil
    }

    fileprivate func perform(_ arguments: [String], _ context: CommandContext) throws -> Int32 {
        guard let type else {
            throw Failure("`portless \(rawValue)` is not in this version yet.")
        }
        return try type.perform(arguments, context)
    }
}

extension ContextCommand {
    /// Parses and runs; a request for help is no failure.
    fileprivate static func perform(
        _ arguments: [String],
        _ context: CommandContext,
    ) throws -> Int32 {
        do {
            guard var command = try parseAsRoot(arguments) as? any ContextCommand else {
                // Only ArgumentParser's own help command is none of ours.
                context.console.print(helpMessage())
                return 0
            }
            try command.run(context)
            return 0
        } catch let code as ExitCode {
            return code.rawValue
        } catch let failure as Failure {
            throw failure
        } catch  where exitCode(for: error) == .success {
            context.console.print(fullMessage(for: error))
            return 0
        }
    }
}
