import CLibrary

/// The clock of file time stamps, and waiting without an executor.
package enum SystemClock {
    /// Nanoseconds since 1970.
    package static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(nanosecondsOf: time)
    }

    /// Blocks the thread: for code that holds or awaits a lock between processes.
    package static func sleep(for duration: Duration) {
        let (seconds, attoseconds) = duration.components
        var time = timespec(
            tv_sec: time_t(clamping: seconds),
            tv_nsec: Int(attoseconds / 1_000_000_000),
        )
        var rest = timespec()
        while nanosleep(&time, &rest) != 0, errno == EINTR { time = rest }
    }
}

extension Int64 {
    /// The nanoseconds of a point in time or a span; the nearest value that fits.
    init(nanosecondsOf time: timespec) {
        self = Int64(time.tv_sec).saturatingMultiply(by: 1_000_000_000)
            .saturatingAdd(Int64(time.tv_nsec))
    }
}
