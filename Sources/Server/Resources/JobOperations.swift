import HTTPTypes
import PortlessCore
import Runner
import SystemPackage

/// The operations on jobs.
struct JobOperations {
    private static let mostSeconds = 60
    private static let mostLines = 1000
    private static let mostBytes = 1 << 20

    let services: ServerServices
    let streams: OpenStreams
    let features: FeatureListeners

    var operations: [Operation] {
        [list, run, prune, show, output, follow, wait, end("stop"), end("kill"), forget]
    }

    private var admission: JobAdmission { JobAdmission(services: services) }

    static let id = Parameter(
        name: "id",
        place: .path,
        schema: .string(StringRule(length: 1...64)),
        summary: "The job's id, or its name: that of the one that runs, else of the latest.",
    )

    private static let job = Schema.told(Job.shape)

    private var list: Operation {
        Operation(
            method: .get,
            path: "/api/jobs",
            id: "listJobs",
            summary:
                "All jobs, the latest first: those that run, and the last 200 that have ended.",
            answer: .object([.required("jobs", .array(Self.job))]),
            refusals: [503],
        ) { _ in
            .object(["jobs": .array(try await admission.runner.jobs().map(\.json))])
        }
    }

    private var run: Operation {
        let variables = Schema.object([], others: .allowed(.text))
        return Operation(
            method: .post,
            path: "/api/jobs",
            id: "runJob",
            summary: "Starts a job; answers once it runs, or couldn't be started.",
            access: .command,
            body: .object([
                .required(
                    "command",
                    .described(
                        "The program and its arguments; no shell reads them.",
                        .array(.text, count: 1...4096),
                    ),
                ),
                .required("directory", .string(StringRule(length: 1...4096))),
                .optional("name", .string(StringRule(length: 1...64))),
                .optional("environment", variables),
                .optional(
                    "inherited",
                    .described("The environment in place of the server's.", variables),
                ),
                .optional(
                    "clean",
                    .described("Whether it inherits only PATH, HOME and the like.", .boolean),
                ),
                .optional("timeoutMs", .integer(1...31_536_000_000)),
                .optional(
                    "pty",
                    .object([
                        .optional("columns", .integer(1...1000)),
                        .optional("rows", .integer(1...1000)),
                    ]),
                ),
                .optional(
                    "input",
                    .described(
                        "What it reads on its standard input; at most 512 KiB, and not with pty.",
                        .text,
                    ),
                ),
            ]),
            answer: Self.job,
            status: 201,
            refusals: [409, 422, 429, 500, 502, 503],
        ) { call in
            var wish = JobAdmission.Wish(
                command: call.body["command"]?.array?.compactMap(\.string) ?? [],
                directory: call.body["directory"]?.string ?? "",
            )
            wish.name = call.body["name"]?.string
            wish.environment = call.body["environment"]?.texts ?? [:]
            wish.inherited = call.body["inherited"]?.texts
            wish.isClean = call.body["clean"]?.bool ?? false
            wish.timeLimit = call.body["timeoutMs"]?.integer.map { .milliseconds($0) }
            wish.terminal = call.body["pty"].map(TerminalSize.init(of:))
            wish.input = call.body["input"]?.string.map { Array($0.utf8) }
            let job = try await admission.start(wish)
            await features.use(.jobs)
            return .json(job.json)
        }
    }

    private var show: Operation {
        Operation(
            method: .get,
            path: "/api/jobs/{id}",
            id: "getJob",
            summary: "One job.",
            parameters: [Self.id],
            answer: Self.job,
            refusals: [503],
        ) { call in .json(try await job(call).json) }
    }

    private var output: Operation {
        Operation(
            method: .get,
            path: "/api/jobs/{id}/output",
            id: "getJobOutput",
            summary: "The last lines that a job wrote, or those after a cursor, the oldest first.",
            parameters: [
                Self.id,
                Parameter(
                    name: "lines",
                    place: .query,
                    schema: .integer(1...Self.mostLines),
                    summary: "How many at most; 100 unless given.",
                ),
                Parameter(
                    name: "after",
                    place: .query,
                    schema: .integer(),
                    summary: "The `cursor` of an earlier answer.",
                ),
            ],
            answer: .object([
                .required("lines", .array(.told(LogLine.shape))),
                .required("cursor", .orNull(.integer())),
                .required(
                    "more",
                    .described("Whether there are later lines already.", .boolean),
                ),
            ]),
            refusals: [502, 503],
        ) { call in
            let id = try await job(call).id
            let count = call.integer("lines") ?? 100
            let runner = try admission.runner
            return try await withTaskExecutorPreference(services.logReading) {
                guard let after = call.integer("after") else {
                    return Self.answer(try await runner.output(of: id, last: count), after: nil)
                }
                let lines = try await runner.output(of: id, after: Int64(after))
                return Self.answer(lines, atMost: count, after: after)
            }
        }
    }

    private static func answer(
        _ lines: LogExcerpt,
        atMost count: Int = .max,
        after: Int?,
    ) -> Reply {
        var taken: [JSONValue] = []
        var bytes = 0
        var cursor = after.map { Int64($0) }
        var hasMore = false
        for line in lines {
            guard taken.count < count, bytes < mostBytes else {
                hasMore = true
                break
            }
            taken.append(line.json)
            bytes += line.text.utf8.count
            cursor = line.cursor
        }
        return .object([
            "lines": .array(taken), "cursor": cursor.map { .integer($0) } ?? .null,
            "more": .bool(hasMore),
        ])
    }

    private var follow: Operation {
        Operation(
            method: .get,
            path: "/api/jobs/{id}/output/follow",
            id: "followJobOutput",
            summary: "The last lines that a job wrote, and then each new one as an event.",
            parameters: [
                Self.id,
                Parameter(
                    name: "lines",
                    place: .query,
                    schema: .integer(0...LogOperations.mostLines),
                    summary: "How many of the last lines; 100 unless given.",
                ),
            ],
            answer: ServerSentEvent.schema,
            answerType: "text/event-stream",
            refusals: [502, 503],
        ) { call in
            let job = try await job(call)
            let lines = try await admission.runner.follow(
                job.id,
                last: call.integer("lines") ?? 100,
                after: call.request.lastEventID.flatMap { Int64($0) },
            )
            let stream = try streams.open(subscribes: false)
            stream.feed(lines, on: services.logReading) { ServerSentEvent($0).bytes }
            return .stream(stream)
        }
    }

    private var wait: Operation {
        Operation(
            method: .get,
            path: "/api/jobs/{id}/wait",
            id: "waitForJob",
            summary: "The job once it has ended, or as it is after some seconds.",
            parameters: [
                Self.id,
                Parameter(
                    name: "seconds",
                    place: .query,
                    schema: .integer(0...Self.mostSeconds),
                    summary: "How long to wait; 25 unless given.",
                ),
            ],
            answer: Self.job,
            refusals: [503],
        ) { call in
            let id = try await job(call).id
            let limit = Duration.seconds(call.integer("seconds") ?? 25)
            if let job = try await admission.runner.wait(for: id, atMost: limit) {
                return .json(job.json)
            }
            return .json(try await admission.job(id.description).json)
        }
    }

    private func end(_ verb: String) -> Operation {
        Operation(
            method: .post,
            path: "/api/jobs/{id}/\(verb)",
            id: "\(verb)Job",
            summary: verb == "stop"
                ? "Asks a job to end, and ends it by force after five seconds."
                : "Ends a job by force.",
            access: .change,
            parameters: [Self.id],
            body: .object([]),
            answer: Self.job,
            refusals: [502, 503],
        ) { call in
            let id = try await job(call).id
            let runner = try admission.runner
            return .json(
                try await (verb == "stop" ? runner.stop(id) : runner.kill(id)).json
            )
        }
    }

    private var forget: Operation {
        Operation(
            method: .delete,
            path: "/api/jobs/{id}",
            id: "forgetJob",
            summary: "Forgets a job that has ended, with its output.",
            access: .change,
            parameters: [Self.id],
            status: 204,
            refusals: [409, 502, 503],
        ) { call in
            try await admission.runner.forget(try await job(call).id)
            return .empty
        }
    }

    private var prune: Operation {
        Operation(
            method: .post,
            path: "/api/jobs/prune",
            id: "pruneJobs",
            summary: "Forgets all jobs that have ended, with their output.",
            access: .change,
            body: .object([]),
            answer: .object([.required("removed", .array(.text))]),
            refusals: [502, 503],
        ) { _ in
            let removed = try await admission.runner.prune()
            return .object(["removed": .array(removed.map { .string($0.description) })])
        }
    }

    private func job(_ call: Call) async throws -> Job {
        try await admission.job(call.text("id") ?? "")
    }
}

extension JSONValue {
    /// The texts of an object.
    var texts: [String: String]? {
        object.map { object in
            Dictionary(
                object.members.compactMap { member in
                    member.value.string.map { (member.key, $0) }
                },
                uniquingKeysWith: { _, last in last },
            )
        }
    }
}

extension TerminalSize {
    init(of json: JSONValue) {
        self.init()
        if let columns = json["columns"]?.integer { self.columns = columns }
        if let rows = json["rows"]?.integer { self.rows = rows }
    }
}
