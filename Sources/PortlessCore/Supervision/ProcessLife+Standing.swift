extension ProcessLife {
    /// How far a process is for those that depend on it.
    package enum Standing: Hashable, Sendable {
        case there
        case failed
        /// `late` is the process that has had its time to listen, if that is what holds it up.
        case coming(late: String?)
    }

    /// A task is there once it is done, which means that it has ended well.
    package func standing(
        of name: String,
        isTask: Bool,
        hasEndedWell: Bool,
        now: Instant,
    ) -> Standing {
        switch state(now: now) {
        case .errored: .failed
        case .stopped where hasEndedWell: .there
        case .online where isLate: .coming(late: name)
        case .starting where isHeldUp: .coming(late: name)
        case .online where !isTask: .there
        case .crashLooping: .coming(late: name)
        // A reason tells that it is held up.
        default: .coming(late: isWaiting && reason != nil ? awaited : nil)
        }
    }
}
