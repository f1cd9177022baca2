extension ProcessLife {
    /// How far a process is for those that depend on it.
    package enum Standing: Hashable, Sendable {
        case there
        case failed
        /// `late` is the process that has had its time to listen, or to pass its health check, if
        /// that is what holds it up.
        case coming(late: String?)
    }

    /// A task is there once it is done, which means that it has ended well, and a process with a
    /// health check while it passes that.
    package func standing(
        of name: String,
        isTask: Bool,
        hasEndedWell: Bool,
        health: HealthWatch? = nil,
        now: Instant,
    ) -> Standing {
        switch state(now: now) {
        case .errored: .failed
        case .stopped where hasEndedWell: .there
        case .online where isLate: .coming(late: name)
        case .starting where isHeldUp: .coming(late: name)
        case .online where health.map { $0.health.state != .healthy } ?? false:
            .coming(late: health?.isLate(at: now) == true ? name : nil)
        case .online where !isTask: .there
        case .crashLooping: .coming(late: name)
        // A reason tells that it is held up.
        default: .coming(late: isWaiting && reason != nil ? awaited : nil)
        }
    }

    /// Whether it is being ended, on request or to end its descendants.
    package var isEnding: Bool {
        if case .ending = phase { true } else { false }
    }

    package var runsUnready: Bool {
        if case .running(_, false) = phase { true } else { false }
    }
}
