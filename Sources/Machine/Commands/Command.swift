import HostSystem

/// A system tool with its arguments: asked for an answer, or told to change something.
package struct Command: Hashable, Sendable, CustomStringConvertible {
    /// A name to be found on the path, or a path.
    package let program: String
    package let arguments: [String]
    /// After this the tool is given up: a hanging one must not block a start.
    package let timeLimit: Duration
    /// Whether it may talk to the person at the terminal, as sudo does for a password.
    package let mayPrompt: Bool

    package init(
        _ program: String,
        _ arguments: [String] = [],
        timeLimit: Duration = .seconds(30),
        mayPrompt: Bool = false,
    ) {
        self.program = program
        self.arguments = arguments
        self.timeLimit = timeLimit
        self.mayPrompt = mayPrompt
    }

    static let sudo = "sudo"

    /// The command as root, for the person at the terminal to allow.
    package var underSudo: Command {
        Command(
            Self.sudo,
            ["--", program] + arguments,
            // A person looks for a password meanwhile.
            timeLimit: timeLimit + .seconds(150),
            mayPrompt: true,
        )
    }

    /// What runs as root in a command that is `underSudo`; nil in all others.
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

    /// The command as another user, which root may become without being asked.
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

/// What a system tool answered.
package struct CommandResult: Hashable, Sendable {
    /// As shells give it: 128 and the number for a signal.
    package let exitCode: Int32
    package let output: String
    package let errorOutput: String

    package init(exitCode: Int32, output: String = "", errorOutput: String = "") {
        self.exitCode = exitCode
        self.output = output
        self.errorOutput = errorOutput
    }

    package var isSuccess: Bool { exitCode == 0 }

    /// The tool's last words, to quote in a message.
    package var complaint: String {
        let lines = (errorOutput + "\n" + output).split(whereSeparator: \.isNewline)
        return lines.last.map(String.init) ?? "exit code \(exitCode)"
    }
}

/// Why a system tool gave no answer.
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

/// Runs system tools; tests put a script in its place.
package protocol CommandRunner: Sendable {
    func has(_ program: String) -> Bool
    func run(_ command: Command) async throws(CommandError) -> CommandResult
}
