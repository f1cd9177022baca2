package import HostSystem

/// One process of a supervised app at one moment.
package struct SupervisedProcess: Hashable, Sendable {
    package var name: String
    package var state: ProcessState
    /// The process itself; nil while none runs.
    package var identity: ProcessIdentity?
    /// Milliseconds since 1970; nil while none runs.
    package var startedAt: Int64?
    /// How often it was restarted, on request or automatically.
    package var restarts: Int
    /// How often in a row it ended before its minimum uptime.
    package var unstableRestarts: Int
    package var lastExit: ProcessExit?
    /// Why the state is what it is, as one sentence, where that isn't obvious.
    package var reason: String?
    /// The process that has to listen first and is late.
    package var waitsFor: String?
    /// Whether it can't be started until others free something, which `reason` names.
    package var isHeldUp = false
    /// The ports it was given, and the labels they go by.
    package var ports: [DetectedProcess.LabeledPort]
    /// The port that its names lead to.
    package var primaryPort: Port?
    package var urls: [String]
    /// In percent of one core, with all that it started; nil where it isn't known.
    package var cpu: Double?
    /// Resident bytes, with all that it started; nil where it isn't known.
    package var memory: Int64?

    package init(
        name: String,
        state: ProcessState,
        ports: [DetectedProcess.LabeledPort] = [],
        primaryPort: Port? = nil,
        urls: [String] = [],
    ) {
        self.name = name
        self.state = state
        self.ports = ports
        self.primaryPort = primaryPort
        self.urls = urls
        restarts = 0
        unstableRestarts = 0
    }

    package var pid: Int32? { identity?.pid }

    /// The state as people read it: what has no port is never known to serve.
    package var stateTitle: String {
        state == .online && ports.isEmpty && primaryPort == nil ? "running" : state.title
    }
}

/// The result of one request to one process.
package struct ProcessOutcome: Hashable, Sendable {
    package var process: String
    /// Why it failed, as a sentence; nil if it was done.
    package var error: String?
    /// The process afterwards.
    package var state: ProcessState

    package init(process: String, state: ProcessState, error: String? = nil) {
        self.process = process
        self.state = state
        self.error = error
    }
}

/// Where a supervised process is between its start and its end.
package enum ProcessState: String, Hashable, Sendable, CaseIterable {
    /// Spawned but not listening yet, or waiting for its turn or for the next try.
    case starting
    case online
    case stopping
    case stopped
    /// Ended by itself, or can't be started, and is not restarted.
    case errored
    /// Keeps exiting soon after its start, and is still restarted.
    case crashLooping = "crash-looping"
    case notStarted = "not-started"
    /// Its state can't be read.
    case unknown

    package var title: String {
        self == .notStarted ? "not started" : rawValue
    }

    /// Whether the process runs, or will run by itself.
    package var isActive: Bool {
        switch self {
        case .starting, .online, .stopping, .crashLooping: true
        case .stopped, .errored, .notStarted, .unknown: false
        }
    }
}

/// How and when a supervised process ended.
package struct ProcessExit: Hashable, Sendable {
    package enum Cause: Hashable, Sendable {
        case code(Int32)
        case signal(Int32)
        /// The keeper was gone when it ended.
        case unknown
    }

    package var cause: Cause
    /// Milliseconds since 1970.
    package var time: Int64
    /// How long it had run, in milliseconds.
    package var uptime: Int64
    /// Whether it was asked for.
    package var wasRequested: Bool

    package init(cause: Cause, time: Int64, uptime: Int64, wasRequested: Bool) {
        self.cause = cause
        self.time = time
        self.uptime = uptime
        self.wasRequested = wasRequested
    }

    /// After the process's name, this makes a sentence.
    package var phrase: String { cause.phrase }
}

extension ProcessExit.Cause {
    var phrase: String {
        switch self {
        case .code(let code): "exited with code \(code)"
        case .signal(let number): "was ended by signal \(number)"
        case .unknown: "ended while its keeper was gone, so its exit code is unknown"
        }
    }
}

extension SupervisedProcess {
    /// The process in `status.json` and between a keeper and the server.
    package var json: JSONValue {
        var object: JSONObject = [
            "name": .string(name),
            "state": .string(state.rawValue),
            "restarts": .integer(restarts),
            "unstableRestarts": .integer(unstableRestarts),
            "ports": PlanCodec.ports.write(ports),
            "urls": .array(urls.map { .string($0) }),
        ]
        identity?.write(to: &object)
        object["startedAt"] = startedAt.map { .integer($0) }
        object["lastExit"] = lastExit?.json
        object["reason"] = reason.map { .string($0) }
        object["waitsFor"] = waitsFor.map { .string($0) }
        object["heldUp"] = isHeldUp ? .bool(true) : nil
        object["primaryPort"] = primaryPort.map { .integer($0.number) }
        object["cpu"] = cpu.map { .decimal($0) }
        object["memory"] = memory.map { .integer($0) }
        return .object(object)
    }

    /// Reads what `json` wrote; nil for anything else.
    ///
    /// Impossible numbers become the nearest possible ones.
    package init?(json: JSONValue) {
        guard let object = json.object, let name = object["name"]?.string,
            let state = object["state"]?.string.flatMap({ ProcessState(rawValue: $0) })
        else { return nil }
        self.init(name: name, state: state)
        // 0 and below stand for groups and for all processes, 1 for what started the system.
        identity = ProcessIdentity(entry: object).flatMap { $0.pid > 1 ? $0 : nil }
        startedAt = object["startedAt"]?.time
        restarts = object["restarts"]?.count ?? 0
        unstableRestarts = object["unstableRestarts"]?.count ?? 0
        lastExit = object["lastExit"].flatMap { ProcessExit(json: $0) }
        reason = object["reason"]?.string
        waitsFor = object["waitsFor"]?.string
        isHeldUp = object["heldUp"]?.bool ?? false
        ports = (object["ports"]?.object?.members ?? []).compactMap { label, value in
            value.integer.flatMap { Port($0) }.map { .init(label: label, port: $0) }
        }
        primaryPort = object["primaryPort"]?.integer.flatMap { Port($0) }
        urls = object["urls"]?.array?.compactMap(\.string) ?? []
        cpu = object["cpu"]?.decimal.map { max($0, 0) }
        memory = object["memory"]?.integer(as: Int64.self).map { max($0, 0) }
    }
}

extension ProcessExit {
    /// `code` or `signal`; neither where the cause is unknown.
    package var json: JSONValue {
        var object: JSONObject = [
            "time": .integer(time),
            "uptime": .integer(uptime),
            "requested": .bool(wasRequested),
        ]
        switch cause {
        case .code(let code): object["code"] = .integer(code)
        case .signal(let number): object["signal"] = .integer(number)
        case .unknown: break
        }
        return .object(object)
    }

    init?(json: JSONValue) {
        guard let time = json["time"]?.time else { return nil }
        let cause: Cause =
            if let code = json["code"]?.integer(as: Int32.self) {
                .code(code)
            } else if let number = json["signal"]?.integer(as: Int32.self) {
                .signal(number)
            } else {
                .unknown
            }
        self.init(
            cause: cause,
            time: time,
            uptime: json["uptime"]?.time.map { max($0, 0) } ?? 0,
            wasRequested: json["requested"]?.bool ?? false,
        )
    }
}
