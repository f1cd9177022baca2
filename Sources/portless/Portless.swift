import ArgumentParser
import HostSystem
import Runner

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The program.
@main enum Portless {
    static let version = "0.1.0"

    static func main() {
        NullDevice.fillStandardDescriptors()
        OwnProcessName.set("portless")
        let context = CommandContext.live()
        do {
            try SudoUser.handleFilesAsUser(context)
        } catch {
            context.console.report(error)
            exit(Failure.exitCode)
        }
        exit(run(CommandLine.arguments.dropFirst(), context))
    }

    /// The exit code of one call; whatever went wrong is told on the console.
    static func run(_ arguments: some Sequence<String>, _ context: CommandContext) -> Int32 {
        let code = code(of: arguments, context)
        return code == 0 && context.console.hasLostOutput ? Failure.exitCode : code
    }

    private static func code(
        of arguments: some Sequence<String>,
        _ context: CommandContext,
    ) -> Int32 {
        do {
            let invocation = try Invocation(arguments: arguments) { word in
                ProgramSearch.find(word, path: context.project.searchPath) != nil
            }
            var context = context
            context.globals = invocation.globals
            context.environment.merge(invocation.globals.environment) { $1 }
            if let slip = invocation.slip(in: context) { throw slip }
            if context.isInputRefused { context.console.refuseQuestions() }
            return try perform(invocation.action, context)
        } catch let code as ExitCode {
            return code.rawValue
        } catch {
            context.console.report(error)
            if arguments.contains("--detached") || arguments.contains("--held") {
                StartReport.failed(error).send()
            }
            return Failure.exitCode
        }
    }

    private static func perform(
        _ action: Invocation.Action,
        _ context: CommandContext,
    ) throws -> Int32 {
        switch action {
        case .help: context.console.print(Help.main)
        case .runHelp: context.console.print(Help.run)
        case .version: context.console.print(version)
        case .command(let words): return try call(words, context)
        case .run(let request):
            guard let detachment = request.detachment else {
                return try RunCommand(request: request).run(context)
            }
            return try DetachedRun(request: request, detachment: detachment).run(context)
        case .script(let extra): return try ScriptCommand(extra: extra).run(context)
        }
        return 0
    }

    private static func call(_ words: [String], _ context: CommandContext) throws -> Int32 {
        guard let call = CommandCall(words) else { throw Failure.noCommand }
        if let help = call.help {
            context.console.print(help)
            return 0
        }
        // A command that only has subcommands shows them.
        guard var command = try call.parse() as? any ContextCommand else {
            context.console.print(PortlessCommand.helpMessage(for: call.command))
            return 0
        }
        try command.run(context)
        return 0
    }
}
