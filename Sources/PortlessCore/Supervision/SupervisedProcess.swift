package import HostSystem

/// One process of a supervised app at one moment.
package struct SupervisedProcess: Hashable, Sendable {
    package var name: String
    package var state: ProcessState
    /// The process itself; nil while none runs.
    package var identity: ProcessIdentity?
    /// Nil while none runs.
    package var startedAt: Timestamp?
    /// How often it was restarted, on request or automatically, since it was last brought up.
    package var restarts: Int
    /// How often in a row it ended before its minimum uptime.
    package var unstableRestarts: Int
    package var lastExit: ProcessExit?
    /// Why the state is what it is, as one sentence, where that isn't obvious.
    package var reason: String?
    /// The process that has to be there first; a `reason` says why that takes longer than it should.
    package var waitsFor: String?
    /// Whether it can't be started until others free something, which `reason` names.
    package var isHeldUp = false
    /// The port that another program has and it waits for, if that is what holds it up.
    package var heldPort: Port?
    /// The ports it was given, and the labels they go by.
    package var ports: [DetectedProcess.LabeledPort]
    /// The port that its names lead to.
    package var primaryPort: Port?
    package var urls: [String]
    /// How it answers its health check; nil where it has none or doesn't run.
    package var health: ProcessHealth?
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
    package var time: Timestamp
    /// How long it had run.
    package var uptime: Duration
    /// Whether it was asked for.
    package var wasRequested: Bool
    /// Whether it was ended because it ran longer than it may.
    package var hasTimedOut = false

    package init(cause: Cause, time: Timestamp, uptime: Duration, wasRequested: Bool) {
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
