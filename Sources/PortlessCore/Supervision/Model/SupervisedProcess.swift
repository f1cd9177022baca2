package import HostSystem

/// One process of a supervised app at one moment.
package struct SupervisedProcess: Hashable, Sendable {
    package var name: String
    package var state: ProcessState
    /// The process itself; nil while none runs.
    package var identity: ProcessIdentity?
    /// Milliseconds since 1970; nil while none runs.
    package var startedAt: Int64?
    /// How often it was started again, on request or by itself.
    package var restarts: Int
    /// How often in a row it ended before its minimum uptime.
    package var unstableRestarts: Int
    package var lastExit: ProcessExit?
    /// Why the state is what it is, as one sentence, where that isn't obvious.
    package var reason: String?
    /// The process that has to listen first, where that has had its time and doesn't.
    package var waitsFor: String?
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
}

/// What came of one request to one process.
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
