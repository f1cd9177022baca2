import HTTPTypes
import HostSystem
import PortlessCore
import Runner
import Synchronization
import SystemPackage

/// The original's agent runner, on a port of its own: its agents are jobs.
struct AgentOperations {
    /// The part of the output that the original keeps.
    private static let outputLimit = 512 << 10
    private static let longestNote = 64 << 10

    let services: ServerServices
    let streams: OpenStreams
    let startedAt: Timestamp

    var operations: [Operation] {
        [
            health, list, stats, output, spawn(inTerminal: false), spawn(inTerminal: true),
            end("terminate"), end("kill"), end("pause"), terminateAll, note, events,
        ]
    }

    private var admission: JobAdmission { JobAdmission(services: services) }

    private var health: Operation {
        Operation(
            method: .get,
            path: "/health",
            id: "getRunnerHealth",
            summary: "Whether the job runner is well.",
            answer: .object([
                .required("status", .oneOf(["healthy"])), .required("activeAgents", .integer()),
                .required("uptime", .described("In seconds.", .integer())),
            ]),
            refusals: [503],
        ) { _ in
            .object([
                "status": .string("healthy"),
                "activeAgents": .integer(try await active().count),
                "uptime": .integer(startedAt.duration(to: .now).components.seconds),
            ])
        }
    }

    private var list: Operation {
        Operation(
            method: .get,
            path: "/agents",
            id: "listAgents",
            summary: "The agents that run.",
            answer: .array(Self.agent),
            refusals: [503],
        ) { _ in .json(.array(try await active().map(Self.json))) }
    }

    private var stats: Operation {
        Operation(
            method: .get,
            path: "/agents/{id}/stats",
            id: "getAgentStats",
            summary: "An agent's state and what it uses.",
            parameters: [JobOperations.id],
            answer: Self.agent,
            refusals: [503],
        ) { call in .json(Self.json(try await job(call))) }
    }

    private var output: Operation {
        Operation(
            method: .get,
            path: "/agents/{id}/output",
            id: "getAgentOutput",
            summary: "The last 512 KiB that an agent wrote.",
            parameters: [JobOperations.id],
            answer: .object([.required("agentId", .text), .required("output", .text)]),
            refusals: [502, 503],
        ) { call in
            let job = try await job(call)
            let runner = try admission.runner
            let text = try await withTaskExecutorPreference(services.logReading) {
                var lines: [String] = []
                var size = 0
                for line in try await runner.output(of: job.id, last: LogExcerpt.mostLines)
                where line.stream != .note {
                    lines.append(line.text)
                    size += line.text.utf8.count + 1
                }
                let dropped = lines.prefix { line in
                    guard size > Self.outputLimit else { return false }
                    size -= line.utf8.count + 1
                    return true
                }
                return lines.dropFirst(dropped.count).map { "\($0)\n" }.joined()
            }
            return .object(["agentId": .string(job.agentID), "output": .string(text)])
        }
    }

    private func spawn(inTerminal: Bool) -> Operation {
        Operation(
            method: .post,
            path: inTerminal ? "/spawn-tui" : "/spawn",
            id: inTerminal ? "spawnAgentInTerminal" : "spawnAgent",
            summary: inTerminal
                ? "Starts an agent in a pseudo-terminal." : "Starts an agent.",
            access: .command,
            body: .object([], others: .allowed(.any)),
            answer: .object([
                .required("success", .boolean), .required("agentId", .text),
                .required("pid", .orNull(.integer())),
            ]),
            refusals: [409, 422, 429, 500, 502, 503],
        ) { call in
            let wish = try Self.wish(call.body, inTerminal: inTerminal)
            let job: Job
            do {
                job = try await admission.start(wish)
            } catch let problem as Problem where problem.code == "PROGRAM_NOT_ALLOWED" {
                throw Problem(422, code: problem.code, problem.detail)
            }
            if job.state == .failed, job.exit == nil {
                throw Problem(
                    422,
                    code: "UNUSABLE",
                    job.reason ?? "The command can't be started.",
                )
            }
            return .object([
                "success": .bool(true), "agentId": .string(job.agentID),
                "pid": job.identity.map { .integer($0.pid) } ?? .null,
            ])
        }
    }

    /// The command is never left to a default: what isn't named isn't run.
    private static func wish(
        _ body: JSONValue,
        inTerminal: Bool,
    ) throws(Problem) -> JobAdmission.Wish {
        func text(_ key: String) -> String? {
            body[key]?.string.flatMap { $0.isEmpty ? nil : $0 }
        }
        let needed = ["agentId", "taskId", "workspacePath", "cliCommand"]
        let missing = needed.filter { text($0) == nil }
        guard missing.isEmpty, let name = text("agentId"), let folder = text("workspacePath"),
            let program = text("cliCommand")
        else {
            throw .invalid("These fields are missing: \(missing.joined(separator: ", ")).")
        }
        let list = body["cliArgs"].map { $0.array?.map(\.string) } ?? []
        guard let list, !list.contains(nil) else {
            throw .invalid("\"cliArgs\" has to be a list of texts.")
        }
        guard body["envVars"].map({ $0.texts?.count == $0.object?.members.count }) ?? true else {
            throw .invalid("\"envVars\" has to be an object of texts.")
        }
        let prompt = [text("prompt")].compactMap(\.self)
        var wish = JobAdmission.Wish(
            command: [program] + list.compactMap(\.self) + prompt,
            directory: folder,
        )
        wish.name = name
        wish.taskID = text("taskId")
        wish.environment = body["envVars"]?.texts ?? [:]
        if inTerminal {
            var size = TerminalSize()
            if let columns = body["cols"]?.integer, (1...1000).contains(columns) {
                size.columns = columns
            }
            if let rows = body["rows"]?.integer, (1...1000).contains(rows) { size.rows = rows }
            wish.terminal = size
        }
        return wish
    }

    private func end(_ verb: String) -> Operation {
        Operation(
            method: .post,
            path: "/\(verb)/{id}",
            id: "\(verb)Agent",
            summary: verb == "kill"
                ? "Ends an agent by force."
                : "Asks an agent to end, and ends it by force after five seconds.",
            access: .change,
            parameters: [JobOperations.id],
            body: .object([]),
            answer: Self.done,
            refusals: [502, 503],
        ) { call in
            let job = try await job(call)
            let runner = try admission.runner
            _ = try await (verb == "kill" ? runner.kill(job.id) : runner.stop(job.id))
            return .object(["success": .bool(true), "agentId": .string(job.agentID)])
        }
    }

    private var terminateAll: Operation {
        Operation(
            method: .post,
            path: "/terminate-all",
            id: "terminateAllAgents",
            summary: "Asks all agents to end, and ends them by force after five seconds.",
            access: .change,
            body: .object([]),
            answer: .object([.required("success", .boolean), .required("count", .integer())]),
            refusals: [502, 503],
        ) { _ in
            let jobs = try await active()
            let runner = try admission.runner
            // One that was forgotten meanwhile has ended.
            await withTaskGroup(of: Void.self) { group in
                for job in jobs { group.addTask { _ = try? await runner.stop(job.id) } }
            }
            return .object(["success": .bool(true), "count": .integer(jobs.count)])
        }
    }

    private var note: Operation {
        Operation(
            method: .post,
            path: "/btw/{id}",
            id: "noteToAgent",
            summary: "Appends a note to BTW.md in an agent's folder.",
            access: .change,
            parameters: [JobOperations.id],
            body: .object([
                .required("message", .string(StringRule(length: 1...Self.longestNote)))
            ]),
            answer: Self.done,
            refusals: [409, 503],
        ) { call in
            let job = try await job(call)
            guard job.state.isActive else {
                throw Problem(409, code: "NOT_RUNNING", "\(job.agentID) has ended.")
            }
            let file = job.record.directory.appending("BTW.md")
            do {
                let descriptor = try FileDescriptor.open(
                    file,
                    .writeOnly,
                    // A pipe would wait for its reader, and a link may lead elsewhere.
                    options: [.append, .create, .noFollow, .nonBlocking, .closeOnExec],
                    permissions: [.ownerReadWrite, .groupRead, .otherRead],
                )
                try descriptor.closeAfter {
                    _ = try descriptor.writeAll("\(call.body["message"]?.string ?? "")\n".utf8)
                }
            } catch {
                throw Problem(409, code: "NOT_WRITTEN", "\(file) can't be written: \(error).")
            }
            return .object(["success": .bool(true), "agentId": .string(job.agentID)])
        }
    }

    // MARK: Events

    private var events: Operation {
        Operation(
            method: .get,
            path: "/events",
            id: "followAgents",
            summary: "Each agent that ends from now on, once, as an event.",
            answer: ServerSentEvent.schema,
            answerType: "text/event-stream",
            refusals: [503],
        ) { _ in
            let runner = try admission.runner
            let changes = await runner.changes()
            let tracker = AgentTracker(
                runner: runner,
                running: Set(try await active().map(\.id)),
            )
            let ended = changes.compactMap { change in await tracker.event(of: change) }
            let stream = try streams.open(subscribes: false)
            stream.feed(ended, on: services.requests) { $0.bytes }
            return .stream(stream)
        }
    }

    private func active() async throws -> [Job] {
        try await admission.runner.jobs().filter(\.state.isActive)
    }

    private func job(_ call: Call) async throws -> Job {
        try await admission.job(call.text("id") ?? "")
    }

    fileprivate static func json(_ job: Job) -> JSONValue {
        var object: JSONObject = [
            "id": .string(job.agentID), "agentId": .string(job.agentID),
            "taskId": job.record.taskID.map { .string($0) } ?? .null,
            "jobId": .string(job.id.description), "state": .string(job.state.rawValue),
            "pid": job.identity.map { .integer($0.pid) } ?? .null,
        ]
        object["startedAt"] = .string((job.startedAt ?? job.record.createdAt).text)
        object["cpu"] = job.cpu.map { .decimal($0) } ?? .null
        object["memory"] = job.memory.map { .integer($0) } ?? .null
        return .object(object)
    }

    private static let agent = Schema.named(
        "Agent",
        .object([
            .required("id", .text), .required("agentId", .text),
            .required("taskId", .orNull(.text)), .required("jobId", .text),
            .required("state", .oneOf(Job.State.allCases.map(\.rawValue))),
            .required("pid", .orNull(.integer())), .required("startedAt", .text),
            .required("cpu", .orNull(.number)), .required("memory", .orNull(.integer())),
        ]),
    )

    private static let done = Schema.object([
        .required("success", .boolean), .required("agentId", .text),
    ])
}

/// Tells one client once of each agent that ends.
private final class AgentTracker: Sendable {
    private let runner: JobRunner
    private let running: Mutex<Set<AppName>>

    init(runner: JobRunner, running: Set<AppName>) {
        self.runner = runner
        self.running = Mutex(running)
    }

    func event(of change: SupervisorEvent) async -> ServerSentEvent? {
        let id: AppName
        switch change {
        case .app(let app): id = app.name
        case .process(let app, _): id = app
        case .removed: return nil
        }
        guard let job = try? await runner.job(id.description) else { return nil }
        let hasEnded = running.withLock { running in
            if job.state.isActive {
                running.insert(id)
                return false
            }
            return running.remove(id) != nil
        }
        guard hasEnded else { return nil }
        var object: JSONObject = [
            "agentId": .string(job.agentID),
            "taskId": job.record.taskID.map { .string($0) } ?? .null,
            "success": .bool(job.state == .succeeded),
            "state": .string(job.state.rawValue),
        ]
        if case .code(let code)? = job.exit?.cause { object["exitCode"] = .integer(code) }
        object["duration"] = job.exit.map { .integer($0.uptime.milliseconds) }
        let name =
            switch job.state {
            case .lost: "agents:orphaned"
            default: job.record.terminal == nil ? "agent:completed" : "tui:exit"
            }
        return ServerSentEvent(name, .object(object))
    }
}

extension Job {
    /// The name that an agent was given.
    fileprivate var agentID: String { record.name ?? id.description }
}
