package import HostSystem

/// When the server looks whether its certificate has to be renewed: at first, then once a day, and
/// sooner after a failure.
///
/// In wall time, which goes on while the computer sleeps.
package struct RenewalSchedule: Sendable {
    private static let hour: Int64 = 3600
    private static let day = 24 * hour

    private var next: Timestamp?
    private var failures = 0

    package init() {}

    package func isDue(at now: Timestamp) -> Bool {
        guard let next else { return true }
        let pause = next.seconds - now.seconds
        // A clock that was set back must not put it off for ever.
        return pause <= 0 || pause > Self.day
    }

    /// After one failure comes an hour, then two, and in the end a day again.
    package mutating func looked(hasFailed: Bool, at now: Timestamp) {
        failures = hasFailed ? failures + 1 : 0
        let pause = hasFailed ? Self.hour << min(failures - 1, 5) : Self.day
        next = Timestamp(seconds: now.seconds + min(pause, Self.day))
    }
}
