import HostSystem

/// Numbers the lines of an app, all its processes together.
///
/// A cursor is the time of its line in microseconds, or one more than the last cursor where the clock
/// doesn't say more than that. It goes on when the clock is set back; the time follows the clock.
final class LogCursor {
    /// What a log may hold: hostile ones leave room to go on.
    static let range = -Int64.max / 2...Int64.max / 2
    /// So far the time may be ahead of the clock, for lines that come faster than that counts.
    private static let largestLead: Int64 = 1_000_000

    private var last: Int64 = 0

    /// Goes on after a line that is there already.
    func advance(past cursor: Int64) {
        last = max(last, cursor)
    }

    func next(now: Int64 = SystemClock.now / 1000) -> (time: Int64, cursor: Int64) {
        last = max(now, last.saturatingAdd(1))
        return (last.saturatingSubtract(now) <= Self.largestLead ? last : now, last)
    }
}
