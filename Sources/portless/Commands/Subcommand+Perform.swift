import ArgumentParser

extension Subcommand {
    func perform(_ arguments: [String], _ context: CommandContext) throws -> Int32 {
        switch self {
        case .list: try ListCommand.perform(arguments, context)
        case .get: try GetCommand.perform(arguments, context)
        case .alias: try AliasCommand.perform(arguments, context)
        case .proxy: try performProxy(arguments, context)
        case .demo: try DemoCommand.perform(arguments, context)
        case .demoApp: try DemoAppCommand.perform(arguments, context)
        case .guardian: try GuardianCommand.perform(arguments, context)
        case .hosts, .doctor, .trust, .clean, .prune, .service, .open, .untrust:
            throw Failure("`portless \(rawValue)` is not in this version yet.")
        }
    }

    private func performProxy(_ arguments: [String], _ context: CommandContext) throws -> Int32 {
        let rest = Array(arguments.dropFirst())
        switch arguments.first {
        case "start": return try ProxyStartCommand.perform(rest, context)
        case "stop": return try ProxyStopCommand.perform(rest, context)
        case nil, "--help", "-h":
            context.console.print(Help.proxy)
            return 0
        case let word?:
            throw Failure.unexpected(word, command: "proxy")
        }
    }
}
