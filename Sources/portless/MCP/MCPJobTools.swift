import NIOCore
import PortlessCore
import Runner
import SystemPackage

/// The tools for jobs: commands that run once in the background.
struct MCPJobTools: Sendable {
    private static let mostJobs = 100
    private static let mostLines = 1000
    private static let longestCommand = 500

    let context: CommandContext

    /// All tools that only look, and with `allowsChanges` the others.
    func list(allowsChanges: Bool) -> [MCPTool] {
        let looking = [jobs, show, logs]
        return allowsChanges ? looking + [run, stop] : looking
    }

    private func client() throws -> APIClient { try ServerControl(context).client() }

    private static let job = MCPTool.Parameter(
        name: "job",
        kind: .text,
        summary: "The job's id or name, as list_jobs has it.",
        isRequired: true,
    )

    private static func path(_ arguments: MCPTool.Arguments) -> String {
        "/api/jobs/\((arguments.text("job") ?? "").pathComponent)"
    }

    /// A job without what may be long.
    static func summary(of job: JSONValue) -> JSONObject {
        var result = job.object ?? [:]
        let command = (job["command"]?.array ?? []).compactMap(\.string).joined(separator: " ")
        result["command"] = .string(
            command.count > longestCommand
                ? "\(command.prefix(longestCommand))… (cut)" : command
        )
        return result
    }

    private var jobs: MCPTool {
        MCPTool(
            name: "list_jobs",
            title: "List jobs",
            summary: """
                Commands that run once in the background, such as builds, migrations and agents, the \
                latest first: those that run and those that have ended, with state and exit code. \
                Servers are apps, which list_apps has.
                """,
            parameters: [
                .init(
                    name: "limit",
                    kind: .integer(1...Self.mostJobs),
                    summary: "How many; 20 unless given.",
                )
            ],
        ) { arguments in
            let all = try client().get("/api/jobs")["jobs"]?.array ?? []
            let shown = all.prefix(arguments.integer("limit") ?? 20)
            return [
                "jobs": .array(shown.map { .object(Self.summary(of: $0)) }),
                "left_out": .integer(all.count - shown.count),
            ]
        }
    }

    private var show: MCPTool {
        MCPTool(
            name: "show_job",
            title: "Show a job",
            summary: """
                One job: its state (starting, running, stopping, succeeded, failed, stopped, \
                timed-out, lost), exit code or signal, duration, and why it failed. With `wait`, \
                the answer comes when the job has ended, or after that many seconds.
                """,
            parameters: [
                Self.job,
                .init(
                    name: "wait",
                    kind: .integer(1...60),
                    summary: "Wait at most this many seconds for its end; 0 unless given.",
                ),
            ],
        ) { arguments in
            let path = Self.path(arguments)
            guard let seconds = arguments.integer("wait") else {
                return Self.summary(of: try client().get(path))
            }
            let job = try client().get(
                "\(path)/wait?seconds=\(seconds)",
                within: .seconds(Int64(seconds) + 30),
            )
            return Self.summary(of: job)
        }
    }

    private var logs: MCPTool {
        MCPTool(
            name: "read_job_logs",
            title: "Read a job's output",
            summary: """
                The last lines that a job has written, oldest first. Give the cursor of an earlier \
                answer as `after` for what came since.
                """,
            parameters: [
                Self.job,
                .init(
                    name: "lines",
                    kind: .integer(1...Self.mostLines),
                    summary: "How many of the last lines that fit; 100 unless given.",
                ),
                .init(
                    name: "contains",
                    kind: .text,
                    summary: "Only lines with this text, in capitals or not.",
                ),
                .init(
                    name: "after",
                    kind: .integer(0...Int.max),
                    summary: "Only lines after this cursor.",
                ),
            ],
        ) { arguments in
            let after = arguments.integer("after")
            var path = "\(Self.path(arguments))/output?lines=\(Self.mostLines)"
            if let after { path += "&after=\(after)" }
            let answer = try client().get(path)
            var result = MCPTools.excerpt(
                of: answer["lines"]?.array ?? [],
                last: arguments.integer("lines") ?? 100,
                contains: arguments.text("contains"),
                after: after,
            )
            result["more"] = answer["more"]
            return result
        }
    }

    // MARK: Changes

    private var run: MCPTool {
        MCPTool(
            name: "run_job",
            title: "Run a job",
            summary: """
                Starts a command in the background that goes on when this session ends, and returns \
                at once; show_job tells how it ends, read_job_logs what it writes. No shell reads \
                the arguments. For servers use `up` or start_app.
                """,
            parameters: [
                .init(
                    name: "command",
                    kind: .texts,
                    summary: "The program and its arguments, such as [\"npm\", \"test\"].",
                    isRequired: true,
                ),
                MCPTools.folder,
                .init(
                    name: "name",
                    kind: .text,
                    summary: "A name, unique among the jobs that run.",
                ),
                .init(
                    name: "timeout",
                    kind: .integer(1...86_400),
                    summary: "End it after this many seconds.",
                ),
                .init(
                    name: "input",
                    kind: .longText,
                    summary: "What it reads on its standard input; nothing unless given.",
                ),
            ],
            changes: true,
        ) { arguments in
            var variables = JSONObject()
            for (name, value) in context.environment { variables[name] = .string(value) }
            var body: JSONObject = [
                "command": .array(arguments.texts("command").map { .string($0) }),
                "directory": .string(context.resolve(arguments.text("folder") ?? ".").string),
                "inherited": .object(variables),
            ]
            body["name"] = arguments.text("name").map { .string($0) }
            body["timeoutMs"] = arguments.integer("timeout").map { .integer($0 * 1000) }
            body["input"] = arguments.text("input").map { .string($0) }
            return Self.summary(of: try client().post("/api/jobs", .object(body), once: true))
        }
    }

    private var stop: MCPTool {
        MCPTool(
            name: "stop_job",
            title: "Stop a job",
            summary: """
                Ends a job with all that it has started: SIGTERM, after 5 seconds SIGKILL. Returns \
                once it has ended.
                """,
            parameters: [Self.job],
            changes: true,
        ) { arguments in
            Self.summary(
                of: try client().post("\(Self.path(arguments))/stop", .object([:]))
            )
        }
    }
}
