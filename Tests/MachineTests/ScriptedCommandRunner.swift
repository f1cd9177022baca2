import Synchronization

@testable import Machine

/// Answers commands from a script and remembers them; what the script doesn't know isn't there.
final class ScriptedCommandRunner: CommandRunner {
    typealias Answer = @Sendable (Command) throws(CommandError) -> CommandResult?

    private let programs: Set<String>
    private let answer: Answer
    private let log = Mutex<[Command]>([])

    init(programs: Set<String>, answer: @escaping Answer) {
        self.programs = programs
        self.answer = answer
    }

    /// The shell lines that were run, in order.
    var lines: [String] { log.withLock { $0.map(\.description) } }

    var commands: [Command] { log.withLock { $0 } }

    func has(_ program: String) -> Bool { programs.contains(program) }

    func run(_ command: Command) async throws(CommandError) -> CommandResult {
        log.withLock { $0.append(command) }
        guard let result = try answer(command) else {
            throw .notFound(program: command.program)
        }
        return result
    }
}

extension CommandResult {
    static let success = CommandResult(exitCode: 0)
    static let failure = CommandResult(exitCode: 1, errorOutput: "no luck\n")
}
