import HostSystem

/// A system tool with its arguments.
package struct Command: Hashable, Sendable, CustomStringConvertible {
    /// A name to be found on the path, or a path.
    package let program: String
    package let arguments: [String]
    /// A tool that takes longer is killed: a hanging one must not block a start.
    package let timeLimit: Duration
    /// Whether it may ask at the terminal, as sudo does for a password.
    package let mayPrompt: Bool
    /// A descriptor that is its standard input; nil: it reads nothing.
    package let standardInput: Int32?

    package init(
        _ program: String,
        _ arguments: [String] = [],
        timeLimit: Duration = .seconds(30),
        mayPrompt: Bool = false,
        standardInput: Int32? = nil,
    ) {
        self.program = program
        self.arguments = arguments
        self.timeLimit = timeLimit
        self.mayPrompt = mayPrompt
        self.standardInput = standardInput
    }

    static let sudo = "sudo"

    /// The command as root, for which sudo may ask the user.
    package var underSudo: Command {
        Command(
            Self.sudo,
            ["--", program] + arguments,
            // The user needs time to enter a password.
            timeLimit: timeLimit + .seconds(150),
            mayPrompt: true,
        )
    }

    /// The tool of a command that is `underSudo`; nil for all others.
    var toolUnderSudo: String? {
        program == Self.sudo && arguments.first == "--" ? arguments.dropFirst().first : nil
    }

    func replacingToolUnderSudo(by path: String) -> Command {
        Command(
            program,
            ["--", path] + arguments.dropFirst(2),
            timeLimit: timeLimit,
            mayPrompt: mayPrompt,
        )
    }

    /// The command as another user, for root.
    package func asUser(_ user: String) -> Command {
        Command(
            Self.sudo,
            ["-u", user, "-H", "--", program] + arguments,
            timeLimit: timeLimit,
            mayPrompt: mayPrompt,
        )
    }

    /// The line to type into a shell.
    package var description: String {
        ([program] + arguments).map(ShellWords.quotedIfNeeded).joined(separator: " ")
    }
}

/// The output and exit code of a system tool.
package struct CommandResult: Hashable, Sendable {
    /// As shells give it: 128 and the number for a signal.
    package var exitCode: Int32
    package var output = ""
    package var errorOutput = ""

    package var isSuccess: Bool { exitCode == 0 }

    /// The last line that the tool printed, for a message.
    package var complaint: String {
        let lines = (errorOutput + "\n" + output).split(whereSeparator: \.isNewline)
        return lines.last.map(String.init) ?? "exit code \(exitCode)"
    }
}

/// Why a system tool gave no result.
package enum CommandError: Error, Hashable, CustomStringConvertible {
    case notFound(program: String)
    case timedOut(Command)
    case failedToStart(Command, reason: String)

    package var description: String {
        switch self {
        case .notFound(let program): "\(program) is not installed"
        case .timedOut(let command):
            "\(command.program) gave no answer within \(command.timeLimit.components.seconds) s"
        case .failedToStart(let command, let reason):
            "\(command.program) could not be started: \(reason)"
        }
    }
}

/// Runs system tools; tests replace it.
package protocol CommandRunner: Sendable {
    func has(_ program: String) -> Bool
    func run(_ command: Command) async throws(CommandError) -> CommandResult
}
