import ArgumentParser
import HostSystem
import NIOCore
import PortlessCore

/// The commands about jobs.
struct JobsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs",
        abstract: "Run commands in the background, once, whatever becomes of this terminal.",
        discussion: """
            A job goes on when the terminal, the server or its keeper ends. Its output and how it \
            ended are kept; of those that have ended, the last 200.
            """,
        subcommands: [
            JobsRunCommand.self, JobsListCommand.self, JobsShowCommand.self, JobsLogsCommand.self,
            JobsWaitCommand.self, JobsStopCommand.self, JobsKillCommand.self,
            JobsPruneCommand.self,
        ],
    )
}

/// The jobs, asked of the server.
struct JobClient {
    /// How long one question waits for the end of a job.
    private static let waitSeconds = 25

    let server: APIClient

    init(_ context: CommandContext) throws {
        server = try ServerControl(context).client()
    }

    /// False where no job was ever run, so that a server has nothing to tell.
    static func hasJobs(_ context: CommandContext) throws -> Bool {
        try !DirectoryListing.names(context.stateDirectory()[.jobs], limit: 1).isEmpty
    }

    func list() throws -> [JSONValue] { try server.get("/api/jobs")["jobs"]?.array ?? [] }

    func job(_ word: String) throws -> JSONValue {
        guard JobName.isValid(word) else {
            throw Failure(
                "\"\(word)\" is no job's id or name.",
                remedy: "These are the jobs: portless jobs list",
            )
        }
        return try server.get("/api/jobs/\(word)")
    }

    /// The job once it has ended.
    func wait(for job: JSONValue) throws -> JSONValue {
        var job = job
        while job.isActiveJob, let id = job["id"]?.string {
            job = try server.get(
                "/api/jobs/\(id)/wait?seconds=\(Self.waitSeconds)",
                within: .seconds(Int64(Self.waitSeconds) + 30),
            )
        }
        return job
    }
}

extension JSONValue {
    var isActiveJob: Bool {
        self["state"]?.string.flatMap(Job.State.init(rawValue:))?.isActive ?? false
    }

    /// Such as `build (j8x2k4)`.
    var jobTitle: String {
        let id = self["id"]?.string ?? ""
        return self["name"]?.string.map { "\($0) (\(id))" } ?? id
    }

    /// What became of a job, in a few words.
    var jobEnding: String {
        let span = self["durationMs"]?.integer.map { " after \($0 / 1000).\($0 % 1000 / 100) s" }
        let cause =
            if let code = self["exitCode"]?.integer {
                "exited with code \(code)"
            } else if let number = self["signal"]?.integer {
                "ended by signal \(number)"
            } else {
                self["reason"]?.string ?? ""
            }
        let state = self["state"]?.string ?? ""
        return state + (cause.isEmpty ? "" : ": \(cause)\(span ?? "")")
    }

    /// Passes on how a job has ended: with its code, or 128 and its signal.
    func exitAsJob() throws {
        switch self["state"]?.string.flatMap(Job.State.init(rawValue:)) {
        case .succeeded: return
        case .failed:
            if let code = self["exitCode"]?.integer(as: Int32.self) { throw ExitCode(code) }
            if let number = self["signal"]?.integer(as: Int32.self) { throw ExitCode(128 + number) }
            throw Failure(self["reason"]?.string ?? "The job failed.")
        default: throw Failure("\(jobTitle) \(jobEnding)")
        }
    }
}
