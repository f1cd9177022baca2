import ArgumentParser
import HostSystem
import PortlessCore

/// `portless crashes autofix`: the command that makes patches for crashes.
struct CrashesAutofixCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "autofix",
        abstract: "Show or set the command that makes patches for crashes.",
        discussion: """
            It runs in a copy of the repository (git worktree) that is thrown away afterwards, and \
            reads of the crash on its standard input. Its changes are checked and kept as a patch: \
            portless crashes apply <id> applies it.
            """,
        subcommands: [
            CrashesAutofixShowCommand.self, CrashesAutofixSetCommand.self,
            CrashesAutofixOffCommand.self,
        ],
        defaultSubcommand: CrashesAutofixShowCommand.self,
    )
}

/// `portless crashes autofix show`
struct CrashesAutofixShowCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show the command that makes patches.",
    )

    @Flag(help: "Print it as JSON.")
    var json = false

    func run(_ context: CommandContext) throws {
        let autofix = try CrashStore(directory: context.stateDirectory()).settings().autofix
        if json { return context.console.print((autofix?.json ?? .null).formatted) }
        guard let autofix else { return context.console.print("Autofix is off.") }
        func text(_ command: [String]) -> String {
            command.map(ShellWords.quotedIfNeeded).joined(separator: " ")
        }
        context.console.print("command  \(text(autofix.command))")
        if let verify = autofix.verify { context.console.print("verify   \(text(verify))") }
        context.console.print("timeout  \(autofix.timeout.components.seconds) s")
        context.console.print("apply    \(autofix.apply.rawValue)")
    }
}

/// `portless crashes autofix set -- <command…>`
struct CrashesAutofixSetCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Set the command that makes patches, as in: set -- claude -p",
    )

    @Option(help: "How many seconds it may take.")
    var timeout = 600

    @Option(help: "A command line that has to succeed with the patch, such as \"npm test\".")
    var verify: String?

    @Option(help: "never: only by portless crashes apply; verified: by itself, after --verify.")
    var apply = CrashSettings.Autofix.Apply.never.rawValue

    @Argument(parsing: .postTerminator, help: "The program with its arguments.")
    var command: [String] = []

    func run(_ context: CommandContext) throws {
        guard !command.isEmpty else {
            throw Failure(
                "There is no command.",
                remedy: "Give it after two dashes: portless crashes autofix set -- claude -p",
            )
        }
        guard let choice = CrashSettings.Autofix.Apply(rawValue: apply) else {
            throw Failure("--apply is never or verified, not \"\(apply)\".")
        }
        guard choice == .never || verify != nil else {
            throw Failure(
                "--apply verified needs a command that verifies.",
                remedy: "Add one, such as --verify \"npm test\".",
            )
        }
        var autofix = CrashSettings.Autofix(command: command)
        autofix.timeout = .seconds(min(max(timeout, 1), 86_400))
        autofix.verify = verify.map { ShellWords.words(of: $0) }
        autofix.apply = choice
        _ = try ServerControl(context).client()
            .put("/api/crashes/autofix", .object(["autofix": autofix.json]))
        context.console.say(
            "\(command[0]) makes a patch for each crash, and the patch waits for you."
        )
    }
}

/// `portless crashes autofix off`
struct CrashesAutofixOffCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "off",
        abstract: "Make no more patches.",
    )

    func run(_ context: CommandContext) throws {
        guard try CrashStore(directory: context.stateDirectory()).settings().autofix != nil else {
            return context.console.say("Autofix is off.")
        }
        _ = try ServerControl(context).client()
            .put("/api/crashes/autofix", .object(["autofix": .null]))
        context.console.say("No more patches are made.")
    }
}
