package import HostSystem

/// How a process with a health check answers it.
package struct ProcessHealth: Hashable, Sendable {
    package enum State: String, Hashable, Sendable, CaseIterable {
        /// It hasn't passed its check yet.
        case starting
        case healthy
        /// It passed its check before, and has failed it several times in a row.
        case unhealthy
    }

    package var state: State
    package var since: Timestamp
    /// What it did instead at the last failed check; a phrase whose subject is the process.
    package var problem: String?

    package init(state: State, since: Timestamp) {
        self.state = state
        self.since = since
    }
}

extension JSONCodec<ProcessHealth> {
    static let processHealth = object(
        [
            .required("state", \.state, as: .choice),
            .required("since", \.since, as: .milliseconds),
            .optional("problem", \.problem, as: .text),
        ],
        blank: ProcessHealth(state: .starting, since: Timestamp(seconds: 0)),
        lenient: true,
    )
}

/// Decides when a running process is asked for its health, and what its answers mean.
///
/// One question is under way at a time. A process that doesn't pass is asked more often than a
/// healthy one, but never without a pause.
package struct HealthWatch: Hashable, Sendable {
    package typealias Instant = ContinuousClock.Instant

    /// A healthy process is asked no more often.
    private static let calmPause = Duration.seconds(5)
    /// A process that was up before is asked no more often.
    private static let uneasyPause = Duration.seconds(1)
    /// How long a process may take to pass for the first time; then it is late.
    private static let startTime = Duration.seconds(30)
    /// This many failures in a row make a healthy process unhealthy.
    private static let tolerance = 3

    package let check: HealthCheck
    package private(set) var health: ProcessHealth
    private let began: Instant
    private var failures = 0
    private var firstFailure: Timestamp?
    /// When it has to be asked; nil while a question is under way.
    package private(set) var next: Instant?

    /// `time` is `now` on the calendar.
    package init(_ check: HealthCheck, now: Instant, time: Timestamp) {
        self.check = check
        began = now
        next = now
        health = ProcessHealth(state: .starting, since: time)
    }

    package mutating func asked() { next = nil }

    /// Takes an answer; `problem` is nil where the check was passed.
    package mutating func answered(_ problem: String?, now: Instant, time: Timestamp) {
        if let problem {
            failures = failures.saturatingAdd(1)
            firstFailure = firstFailure ?? time
            if health.state == .healthy, failures >= Self.tolerance {
                health = ProcessHealth(state: .unhealthy, since: firstFailure ?? time)
            }
            if health.state != .healthy { health.problem = problem }
        } else {
            failures = 0
            firstFailure = nil
            if health.state != .healthy { health = ProcessHealth(state: .healthy, since: time) }
        }
        next = now.advanced(by: pause(at: now))
    }

    private func pause(at now: Instant) -> Duration {
        switch health.state {
        case .starting where !isLate(at: now): check.interval
        case .healthy where failures == 0: max(check.interval, Self.calmPause)
        case .starting, .healthy, .unhealthy: max(check.interval, Self.uneasyPause)
        }
    }

    /// Whether those who wait for it have to be told.
    package func isLate(at now: Instant) -> Bool {
        switch health.state {
        case .starting: began.duration(to: now) >= Self.startTime
        case .healthy: false
        case .unhealthy: true
        }
    }
}
