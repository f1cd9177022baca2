package import HostSystem
package import SystemPackage

/// A command that runs once in the background, with what became of it.
package struct Job: Hashable, Sendable {
    package enum State: String, Sendable, CaseIterable {
        case starting
        case running
        case stopping
        /// It exited with 0.
        case succeeded
        /// It exited with another code, by a signal of others, or couldn't be started.
        case failed
        /// It was ended on request.
        case stopped
        /// It ran longer than it may, and was ended.
        case timedOut = "timed-out"
        /// It has ended, or never began, while its keeper was gone: how isn't known.
        case lost

        package var isActive: Bool { [.starting, .running, .stopping].contains(self) }
    }

    package var record: JobRecord
    package var state: State
    package var identity: ProcessIdentity?
    package var startedAt: Timestamp?
    /// Nil until it has ended, and where it was lost before it ran.
    package var exit: ProcessExit?
    /// Why the state is what it is, where that isn't obvious.
    package var reason: String?
    /// In percent of one core, with all that it started.
    package var cpu: Double?
    /// Resident bytes, with all that it started.
    package var memory: Int64?

    package var id: AppName { record.id }

    /// The job with what its keeper has said of its process; `isStarting` while it is handed over.
    package init(_ record: JobRecord, _ process: SupervisedProcess?, isStarting: Bool) {
        self.record = record
        identity = process?.identity
        startedAt = process?.startedAt
        exit = process?.lastExit
        cpu = process?.cpu
        memory = process?.memory
        state = Self.state(of: process, isStarting: isStarting)
        reason = process?.reason
        if state == .lost, reason == nil {
            reason =
                exit == nil
                ? "It was never started: the server ended before that."
                : "It ended while no keeper watched."
        }
    }

    private static func state(of process: SupervisedProcess?, isStarting: Bool) -> State {
        guard let process else { return isStarting ? .starting : .lost }
        switch process.state {
        case .notStarted: return isStarting ? .starting : .lost
        case .starting: return process.lastExit == nil ? .starting : .stopping
        case .online, .crashLooping: return .running
        case .stopping: return .stopping
        case .unknown: return .lost
        case .stopped, .errored: break
        }
        guard let exit = process.lastExit else {
            if process.state == .errored { return process.identity == nil ? .failed : .lost }
            return process.reason == nil ? .stopped : .lost
        }
        if exit.hasTimedOut { return .timedOut }
        if exit.wasRequested { return .stopped }
        switch exit.cause {
        case .unknown: return .lost
        case .code(0): return .succeeded
        case .code, .signal: return .failed
        }
    }

    package var json: JSONValue {
        var object = record.json.object ?? JSONObject()
        object["state"] = .string(state.rawValue)
        object["pid"] = identity.map { .integer($0.pid) }
        object["startedAt"] = startedAt.map { .string($0.text) }
        if let exit, !state.isActive {
            object["endedAt"] = .string(exit.time.text)
            object["durationMs"] = .integer(exit.uptime.milliseconds)
            switch exit.cause {
            case .code(let code): object["exitCode"] = .integer(code)
            case .signal(let number): object["signal"] = .integer(number)
            case .unknown: break
            }
        }
        object["reason"] = reason.map { .string($0) }
        object["cpu"] = cpu.map { .decimal($0) }
        object["memory"] = memory.map { .integer($0) }
        return .object(object)
    }

    package static var shape: JSONShape {
        func optional(_ key: String, _ shape: JSONShape) -> JSONMember {
            JSONMember(key: key, shape: shape, isRequired: false)
        }
        return .named(
            "Job",
            .object(
                JobRecord.members + [
                    JSONMember(
                        key: "state",
                        shape: .choice(State.allCases.map(\.rawValue)),
                        isRequired: true,
                    ),
                    optional("pid", .integer), optional("startedAt", .text),
                    optional("endedAt", .text), optional("durationMs", .integer),
                    optional("exitCode", .integer), optional("signal", .integer),
                    optional("reason", .text), optional("cpu", .number),
                    optional("memory", .integer),
                ]
            ),
        )
    }
}

/// What was asked for: the content of `job.json`.
package struct JobRecord: Hashable, Sendable {
    package var id: AppName
    /// Unique among the jobs that run.
    package var name: String?
    package var command: [String]
    package var directory: FilePath
    package var createdAt: Timestamp
    package var timeLimit: Duration?
    package var terminal: TerminalSize?
    /// What a client of the original's API calls its task.
    package var taskID: String?
    /// How many bytes it reads on its standard input; nil: it has none.
    package var inputSize: Int64?

    package init(id: AppName, command: [String], directory: FilePath, createdAt: Timestamp) {
        self.id = id
        self.command = command
        self.directory = directory
        self.createdAt = createdAt
    }

    private static let fields: [JSONField<JobRecord>] = [
        .required("id", \.id, as: .appName),
        .optional("name", \.name, as: .text),
        .required("command", \.command, as: .command),
        .required("directory", \.directory, as: .path),
        .required("createdAt", \.createdAt, as: .time),
        .optional("timeoutMs", \.timeLimit, as: .milliseconds),
        .optional("terminal", \.terminal, as: .terminal),
        .optional("taskId", \.taskID, as: .text),
        .optional("inputBytes", \.inputSize, as: .bytes),
    ]

    static var members: [JSONMember] { fields.flatMap(\.members) }

    package var json: JSONValue { .object(JSONField.write(self, Self.fields)) }

    /// Reads what `json` wrote.
    package init(json: JSONValue) throws {
        guard let object = json.object else { throw JSONMismatch("job", "an object") }
        let id = try JSONCodec<AppName>.appName.read(object["id"] ?? .null, "job.id")
        self.init(id: id, command: [], directory: "/", createdAt: Timestamp(seconds: 0))
        for field in Self.fields { try field.read(object, "job", &self) }
    }
}

extension JSONCodec<Timestamp> {
    fileprivate static let time = JSONCodec(
        .text,
        "a time",
        write: { .string($0.preciseText) },
        read: { $0.string.flatMap { Timestamp(parsing: $0.utf8) } },
    )
}

/// The names that callers give to jobs.
package enum JobName {
    package static func isValid(_ text: String) -> Bool {
        text.utf8.count <= 64 && ProcessName.isValid(text)
    }
}
