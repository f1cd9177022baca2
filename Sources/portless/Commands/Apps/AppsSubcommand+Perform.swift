extension AppsSubcommand {
    /// Does what `portless apps …` asks for; the result is the exit code.
    static func perform(_ arguments: [String], _ context: CommandContext) throws -> Int32 {
        guard let subcommand = arguments.first.flatMap(AppsSubcommand.init) else {
            return try AppsCommand.perform(arguments, context)
        }
        let rest = Array(arguments.dropFirst())
        return switch subcommand {
        case .add: try AppsAddCommand.perform(rest, context)
        case .show: try AppsShowCommand.perform(rest, context)
        case .remove: try AppsRemoveCommand.perform(rest, context)
        }
    }
}
