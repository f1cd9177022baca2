package import HostSystem

/// What is known of the starts of one app by requests, and the decision about the next one.
package struct StartRecord: Hashable, Sendable {
    package enum Starter: String, Hashable, Sendable, CaseIterable {
        case request, person
    }

    package enum Decision: Hashable, Sendable {
        case start
        /// It runs, or is on its way.
        case coming
        /// It has failed, and isn't started again before the pause is over.
        case failed(process: String, reason: String, again: Duration)
        /// Its state can't be known.
        case unclear(String)
    }

    private static let firstPause = Duration.seconds(5)
    private static let longestPause = Duration.seconds(300)
    /// What has run this long was up, whatever became of it.
    private static let properLife = Duration.seconds(60)

    /// Who started what runs now.
    package var starter: Starter?
    package var startedAt: Timestamp?
    /// The last known moment at which a request was served.
    package var lastUse: Timestamp?
    /// How often in a row it failed.
    package fileprivate(set) var failures = 0
    package fileprivate(set) var failedAt: Timestamp?
    /// Whether its user stopped it; then only visits start it, and no page that is still open.
    package var isStopped = false
    /// The time without requests after which it is stopped, where that is another app's.
    package var idle: Duration?

    package init() {}

    /// Decides about a request for the app as it is now.
    package mutating func decide(_ app: SupervisedApp, now: Timestamp) -> Decision {
        if let problem = app.problem { return .unclear(problem) }
        guard let failed = failure(in: app) else {
            let servers = app.processes.filter(\.isServer)
            let awaited = servers.isEmpty ? app.processes : servers
            guard awaited.allSatisfy({ $0.state.isActive && $0.state != .stopping }) else {
                return .start
            }
            if app.state == .online { forgetFailures() }
            return .coming
        }
        let pause = noteFailure(of: failed, now)
        let elapsed = failedAt?.duration(to: now) ?? .zero
        // A clock that was set back must not make it wait for long.
        guard elapsed >= .zero, elapsed < pause else { return .start }
        return .failed(
            process: failed.name,
            reason: failed.reason ?? failed.lastExit.map { "It \($0.phrase)." } ?? "It has failed.",
            again: pause - elapsed,
        )
    }

    /// A request starts it; who started what runs of it already stays its starter.
    package mutating func startedByRequest(isRunning: Bool, idle: Duration?, now: Timestamp) {
        if !isRunning || starter == nil { starter = isRunning ? .person : .request }
        startedAt = now
        lastUse = nil
        isStopped = false
        self.idle = idle
    }

    package mutating func startedByPerson(now: Timestamp) {
        self = StartRecord()
        starter = .person
        startedAt = now
    }

    package mutating func stoppedByPerson() {
        self = StartRecord()
        isStopped = true
    }

    private mutating func forgetFailures() {
        failures = 0
        failedAt = nil
    }

    /// Counts each failed start once, and returns how long it keeps others away.
    private mutating func noteFailure(of process: SupervisedProcess, _ now: Timestamp) -> Duration {
        let isKnown = failedAt.map { failed in startedAt.map { failed >= $0 } ?? true } ?? false
        if !isKnown {
            if let exit = process.lastExit, exit.uptime >= Self.properLife { forgetFailures() }
            failures = failures.saturatingAdd(1)
            failedAt = now
        }
        return min(Self.firstPause * (1 << min(failures - 1, 10)), Self.longestPause)
    }

    /// The process that keeps the app from serving: one that can't be started or has ended.
    private func failure(in app: SupervisedApp) -> SupervisedProcess? {
        app.processes.first { $0.state == .errored }
            ?? app.processes.first { process in
                guard process.isServer, process.state == .stopped, let exit = process.lastExit,
                    !exit.wasRequested, let startedAt
                else { return false }
                return exit.time >= startedAt
            }
    }
}

extension SupervisedProcess {
    fileprivate var isServer: Bool { !ports.isEmpty || primaryPort != nil }
}

extension JSONCodec<StartRecord> {
    static let startRecord = object(
        [
            .optional("startedBy", \.starter, as: .choice),
            .optional("startedAt", \.startedAt, as: .milliseconds),
            .optional("lastUse", \.lastUse, as: .milliseconds),
            .defaulted("failures", \.failures, as: .count(atMost: 1_000_000)),
            .optional("failedAt", \.failedAt, as: .milliseconds),
            .defaulted("stopped", \.isStopped, as: .flag),
            .optional("idle", \.idle, as: .milliseconds),
        ],
        blank: StartRecord(),
        lenient: true,
    )
}

/// How many starts requests may cause, whatever they name: a page in a browser can ask for all.
package struct StartRate: Sendable {
    package typealias Instant = ContinuousClock.Instant

    private static let most = 30
    private static let period = Duration.seconds(60)

    private var starts: [Instant] = []

    package init() {}

    /// Takes a start; false where there were too many.
    package mutating func take(now: Instant) -> Bool {
        starts.removeAll { $0.duration(to: now) >= Self.period }
        guard starts.count < Self.most else { return false }
        starts.append(now)
        return true
    }
}
