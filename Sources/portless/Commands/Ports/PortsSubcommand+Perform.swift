extension PortsSubcommand {
    /// Does what `portless ports …` asks for; the result is the exit code.
    static func perform(_ arguments: [String], _ context: CommandContext) throws -> Int32 {
        guard let subcommand = arguments.first.flatMap(PortsSubcommand.init) else {
            return try PortsTableCommand.perform(arguments, context)
        }
        let rest = Array(arguments.dropFirst())
        return switch subcommand {
        case .detect: try PortsDetectCommand.perform(rest, context)
        case .lease: try PortsLeaseCommand.perform(rest, context)
        case .release: try PortsReleaseCommand.perform(rest, context)
        case .explain: try PortsExplainCommand.perform(rest, context)
        case .kill: try PortsKillCommand.perform(rest, context)
        case .find: try PortsFindCommand.perform(rest, context)
        case .check: try PortsCheckCommand.perform(rest, context)
        }
    }
}
