/// How and when a supervised process ended.
package struct ProcessExit: Hashable, Sendable {
    package enum Cause: Hashable, Sendable {
        case code(Int32)
        case signal(Int32)
        /// The keeper that could have been told was gone.
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
        case .unknown: "ended while nobody watched, so its exit code is unknown"
        }
    }
}
