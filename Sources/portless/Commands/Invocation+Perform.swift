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
        case .run(let request):
            return try RunCommand(request: request).run(context)
        case .script(let extra):
            return try ScriptCommand(extra: extra).run(context)
        }
        return 0
    }
}
