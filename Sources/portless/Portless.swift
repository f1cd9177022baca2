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
        OwnProcessName.set("portless")
        let context = CommandContext.live()
        do {
            try BorrowedRoot.handleFilesAsUser(context)
        } catch {
            context.console.report(error)
            exit(Failure.exitCode)
        }
        exit(run(CommandLine.arguments.dropFirst(), context))
    }

    /// The exit code of one call; whatever went wrong is told on the console.
    static func run(_ arguments: some Sequence<String>, _ context: CommandContext) -> Int32 {
        do {
            let invocation = try Invocation(arguments: arguments) { word in
                let path = context.environmentWithLocalPrograms(in: context.workingDirectory)[
                    "PATH"
                ]
                return ProgramSearch.find(word, path: path) != nil
            }
            var context = context
            context.globals = invocation.globals
            return try invocation.perform(context)
        } catch {
            context.console.report(error)
            if arguments.contains("--detached") || arguments.contains("--held") {
                StartReport.failed(error).send()
            }
            return Failure.exitCode
        }
    }
}
