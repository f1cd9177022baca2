/// Ends a process: SIGTERM first, and SIGKILL after a time of grace.
package struct Escalation {
    package enum Outcome: Equatable, Sendable {
        case ended
        /// Only SIGKILL ended it.
        case forced
        /// It survived SIGKILL.
        case failed
        /// A signal couldn't be sent, and the process runs on.
        case refused
    }

    private static let firstPause = Duration.milliseconds(5)
    private static let longestPause = Duration.milliseconds(100)

    private let grace: Duration
    private let afterForce: Duration

    package init(grace: Duration, afterForce: Duration) {
        self.grace = grace
        self.afterForce = afterForce
    }

    /// `send` returns false if the signal couldn't be sent; `sleep` returns false to stop waiting.
    package func run(
        send: (Signal) -> Bool,
        sleep: (Duration) -> Bool = Self.sleep,
        isOver: () -> Bool,
    ) -> Outcome {
        guard send(.terminate) else { return isOver() ? .ended : .refused }
        if Self.wait(upTo: grace, sleep: sleep, until: isOver) { return .ended }
        guard send(.kill) else { return isOver() ? .ended : .refused }
        return Self.wait(upTo: afterForce, sleep: sleep, until: isOver) ? .forced : .failed
    }

    /// False if it wasn't over in time.
    ///
    /// The kernel reports a process's exit only to its parent, so this has to poll.
    package static func wait(
        upTo limit: Duration,
        sleep: (Duration) -> Bool = Self.sleep,
        until isOver: () throws -> Bool,
    ) rethrows -> Bool {
        let end = ContinuousClock.now + limit
        var pause = firstPause
        while try !isOver() {
            guard ContinuousClock.now < end, sleep(pause) else { return false }
            pause = min(pause * 2, longestPause)
        }
        return true
    }

    package static func sleep(_ pause: Duration) -> Bool {
        SystemClock.sleep(for: pause)
        return true
    }
}
