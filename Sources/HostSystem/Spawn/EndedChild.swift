import CHostSystem

/// A child that has ended and waits for being reaped, whether this process spawned it or inherited
/// it.
package struct EndedChild: Hashable, Sendable {
    package let pid: Int32
    package let end: ProcessEnd

    /// The next one, which stays the next one until it is reaped; nil if there is none.
    package static func next() -> EndedChild? {
        var pid: Int32 = 0
        var value: Int32 = 0
        var isSignal: Int32 = 0
        guard chs_next_ended_child(&pid, &value, &isSignal) == 0, pid > 0 else { return nil }
        let end: ProcessEnd =
            isSignal == 0 ? .exited(value) : .signalled(Signal(rawValue: value))
        return EndedChild(pid: pid, end: end)
    }

    /// Lets the system forget it.
    package func reap() {
        try? ChildProcess(pid: pid).reap()
    }

    /// Makes descendants that lose their parents children of this process, so that none gets out
    /// of sight; false where the system can't do that (macOS).
    @discardableResult
    package static func adoptOrphans() -> Bool {
        chs_adopt_orphans() == 0
    }
}
