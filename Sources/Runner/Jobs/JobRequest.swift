package import PortlessCore
package import SystemPackage

/// A job to be run, with its whole environment.
package struct JobRequest: Sendable {
    /// The most bytes that a job's input may have.
    package static let mostInput = 512 << 10

    package var name: String?
    /// The program and its arguments; a program without a slash is looked up in the environment's
    /// `PATH`.
    package var command: [String]
    package var directory: FilePath
    package var environment: [String: String]
    package var timeLimit: Duration?
    /// Set for a pseudo-terminal.
    package var terminal: TerminalSize?
    /// What it reads on its standard input; nil, as with a terminal, for nothing.
    package var input: [UInt8]?
    package var taskID: String?

    package init(command: [String], directory: FilePath, environment: [String: String]) {
        self.command = command
        self.directory = directory
        self.environment = environment
    }
}

/// Why a job can't be started or found.
package enum JobError: Error, Hashable, CustomStringConvertible {
    case unknown(String)
    case nameTaken(String)
    case invalid(String)
    /// The command can't be run.
    case unusable(String)
    case active(String)
    case tooMany(Int)

    package var description: String {
        switch self {
        case .unknown(let word):
            "There is no job \"\(word)\". `portless jobs list` shows all."
        case .nameTaken(let name):
            """
            A job called \"\(name)\" runs already. Wait for it, stop it, or choose another name.
            """
        case .invalid(let sentence), .unusable(let sentence): sentence
        case .active(let id):
            "\(id) still runs. Stop it first: portless jobs stop \(id)"
        case .tooMany(let limit):
            "\(limit) jobs run already. Wait until one of them has ended, or stop one."
        }
    }
}
