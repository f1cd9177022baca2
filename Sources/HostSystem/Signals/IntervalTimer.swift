#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The process's one timer, which raises SIGALRM.
enum IntervalTimer {
    /// Raises the signal once, after at least a millisecond: zero would mean never.
    static func start(_ duration: Duration) {
        let (seconds, attoseconds) = max(duration, .milliseconds(1)).components
        set(seconds: Int(seconds), microseconds: Int(attoseconds / 1_000_000_000_000))
    }

    static func stop() {
        set(seconds: 0, microseconds: 0)
    }

    private static func set(seconds: Int, microseconds: Int) {
        var value = itimerval()
        value.it_value.tv_sec = time_t(seconds)
        value.it_value.tv_usec = suseconds_t(microseconds)
        #if canImport(Darwin)
        setitimer(ITIMER_REAL, &value, nil)
        #else
        setitimer(__itimer_which_t(ITIMER_REAL.rawValue), &value, nil)
        #endif
    }
}
