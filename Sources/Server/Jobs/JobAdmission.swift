import HostSystem
import PortlessCore
import Runner
import SystemPackage

/// Makes the job of what a client asks for, within the allowlist.
struct JobAdmission {
    let services: ServerServices

    /// What a client asks for, whichever route it takes.
    struct Wish {
        var name: String?
        var command: [String]
        var directory: String
        var environment: [String: String] = [:]
        /// In place of the server's own.
        var inherited: [String: String]?
        /// Whether the job gets only what a program needs to find its way.
        var isClean = false
        /// Variables that it doesn't inherit.
        var withheld: Set<String> = []
        var timeLimit: Duration?
        var terminal: TerminalSize?
        var taskID: String?
        var input: [UInt8]?
    }

    /// The variables that a clean environment keeps.
    private static let basic: Set<String> = [
        "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "TZ", "TMPDIR",
        "TERM", "PORTLESS_STATE_DIR",
    ]

    func start(_ wish: Wish) async throws -> Job {
        let runner = try runner
        var command = wish.command
        guard let program = command.first else {
            throw Problem.invalid("A job needs a command: a program and its arguments.")
        }
        let own = try services.jobEnvironment(nil)
        let allowlist = try ProgramAllowlist.read(
            from: services.directory,
            searchPath: own["PATH"],
        )
        command[0] = try allowlist.admit(program)
        var base = try wish.inherited.map { try services.jobEnvironment($0) } ?? own
        if wish.isClean {
            base = base.filter { Self.basic.contains($0.key) || $0.key.hasPrefix("LC_") }
        }
        for name in wish.withheld { base[name] = nil }
        var request = JobRequest(
            command: command,
            directory: FilePath(wish.directory),
            environment: try allowlist.environment(
                base,
                adding: wish.environment,
                own: services.environment,
            ),
        )
        request.name = wish.name
        request.timeLimit = wish.timeLimit
        request.terminal = wish.terminal
        request.taskID = wish.taskID
        request.input = wish.input
        do {
            return try await runner.start(request)
        } catch let error as JobError {
            throw Problem(error)
        }
    }

    var runner: JobRunner {
        get throws(Problem) {
            guard let jobs = services.jobs else {
                throw Problem(503, code: "NO_JOBS", "This server runs no jobs.")
            }
            return jobs
        }
    }

    func job(_ word: String) async throws -> Job { try await runner.job(word) }
}

extension Problem {
    init(_ error: JobError) {
        let detail = "\(error)"
        switch error {
        case .unknown: self = .notFound(detail)
        case .nameTaken: self = Problem(409, code: "NAME_TAKEN", detail)
        case .invalid: self = .invalid(detail)
        case .unusable: self = Problem(422, code: "UNUSABLE", detail)
        case .active: self = Problem(409, code: "ACTIVE", detail)
        case .tooMany: self = Problem(429, code: "TOO_MANY_JOBS", detail)
        }
    }
}
