/// Where a supervised process is between its start and its end.
package enum ProcessState: String, Hashable, Sendable, CaseIterable {
    /// Spawned but not listening yet, or waiting for its turn or for the next try.
    case starting
    case online
    case stopping
    case stopped
    /// Ended by itself, or can't be started, and is not tried again.
    case errored
    /// Ends again and again soon after its start, and is still tried again.
    case crashLooping = "crash-looping"
    case notStarted = "not-started"
    /// Its state can't be read: never a guess for anything else.
    case unknown

    /// The state as people read it.
    package var title: String {
        self == .notStarted ? "not started" : rawValue
    }

    /// Whether the process is there, or will be without anybody's asking.
    package var isActive: Bool {
        switch self {
        case .starting, .online, .stopping, .crashLooping: true
        case .stopped, .errored, .notStarted, .unknown: false
        }
    }
}
