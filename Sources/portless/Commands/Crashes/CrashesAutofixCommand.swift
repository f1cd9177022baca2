import ArgumentParser
import HostSystem
import PortlessCore

/// `portless crashes autofix`: the command that makes patches for crashes.
struct CrashesAutofixCommand: ContextCommand {
    enum Action: String, ExpressibleByArgument, CaseIterable {
        case show, set, off
    }

    static let configuration = CommandConfiguration(
        commandName: "autofix",
        abstract: "Show or set the command that makes patches for crashes.",
        discussion: """
            portless crashes autofix set -- claude -p

            It runs in a copy of the repository (git worktree) that is thrown away afterwards, and \
            reads of the crash on its standard input. Its changes are checked and kept as a patch: \
            portless crashes apply <id> applies it.
            """,
    )

    @Flag(help: "Print the setting as JSON.")
    var json = false

    @Option(help: "How many seconds the command may take.")
    var timeout = 600

    @Option(help: "A command line that has to succeed with the patch, such as \"npm test\".")
    var verify: String?

    @Option(help: "never: only by portless crashes apply; verified: by itself, after --verify.")
    var apply = CrashSettings.Autofix.Apply.never.rawValue

    @Argument(help: "show, set or off.")
    var action = Action.show

    @Argument(parsing: .postTerminator, help: "With set: the program with its arguments.")
    var command: [String] = []

    func run(_ context: CommandContext) throws {
        var autofix = try CrashStore(directory: context.stateDirectory()).settings().autofix
        switch action {
        case .show: break
        case .set:
            let new = try chosen()
            try send(new.json, context)
            autofix = new
        case .off:
            if autofix != nil { try send(.null, context) }
            autofix = nil
        }
        if json { return context.console.print((autofix?.json ?? .null).formatted) }
        guard let autofix else { return context.console.print("Autofix is off.") }
        context.console.print("command  \(Self.text(autofix.command))")
        if let verify = autofix.verify { context.console.print("verify   \(Self.text(verify))") }
        context.console.print("timeout  \(autofix.timeout.components.seconds) s")
        context.console.print("apply    \(autofix.apply.rawValue)")
    }

    private func chosen() throws -> CrashSettings.Autofix {
        guard !command.isEmpty else {
            throw Failure(
                "There is no command.",
                remedy: "Give it after two dashes: portless crashes autofix set -- claude -p",
            )
        }
        guard let choice = CrashSettings.Autofix.Apply(rawValue: apply) else {
            throw Failure(
                "--apply doesn't know \"\(apply)\".",
                remedy: "It takes never or verified.",
            )
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
        return autofix
    }

    private func send(_ json: JSONValue, _ context: CommandContext) throws {
        _ = try ServerControl(context).client()
            .put("/api/crashes/autofix", .object(["autofix": json]))
    }

    private static func text(_ command: [String]) -> String {
        command.map(ShellWords.quotedIfNeeded).joined(separator: " ")
    }
}
