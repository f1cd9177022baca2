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
