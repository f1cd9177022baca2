#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Signals as events that are waited for, instead of handlers that interrupt.
///
/// It has to be opened before any other thread exists: threads inherit the mask, and a single one
/// that doesn't block a signal would take its default action for the whole process.
package struct SignalQueue: Sendable {
    /// The signals that can arrive: those asked for, but for those this process was told to ignore.
    package let signals: Set<Signal>

    /// Blocks `signals` in this thread and in all that it will create.
    ///
    /// What the parent had set to be ignored (`nohup`, a job of a shell without job control) stays
    /// ignored and is left out, so that the command behaves as it would without us.
    package init(_ signals: Set<Signal>) {
        let waited = signals.filter { !$0.isIgnored }
        // A write to a pipe without a reader then fails instead of ending the process.
        SignalMask(waited.union([.alarm, .brokenPipe])).block()
        // macOS drops a blocked signal whose default is to be ignored, such as SIGCHLD, unless
        // there is a handler; this one never runs.
        for signal in waited.union([.alarm]) { signal.setDisposition(to: .ineffective) }
        self.signals = waited
    }

    /// Waits for the next signal; nil once `timeout` is over, or at times a little earlier.
    package func next(timeout: Duration? = nil) -> Signal? {
        guard let timeout else { return SignalMask(signals).wait() }
        // macOS has no sigtimedwait; the interval timer is everywhere.
        IntervalTimer.start(timeout)
        defer { IntervalTimer.stop() }
        let signal = SignalMask(signals.union([.alarm])).wait()
        return signal == .alarm ? nil : signal
    }

    /// Stops this process, or its whole group, as if `signal` had come from the terminal; returns
    /// when somebody continues it.
    ///
    /// That continue signal doesn't arrive in the queue as well: whoever acted on it late would undo
    /// the next stop.
    ///
    /// Where nobody could continue it (the group is orphaned: no shell with job control above),
    /// the system drops the signal, and this returns at once.
    package func stop(with signal: Signal, wholeGroup: Bool) {
        guard !signal.isIgnored else { return }
        let mask = SignalMask([signal])
        mask.block()
        signal.setDisposition(to: .standard)
        kill(wholeGroup ? 0 : getpid(), signal.rawValue)
        mask.unblock()
        if signals.contains(.continue) { SignalMask([.continue]).discard() }
        guard signals.contains(signal) else { return }
        mask.block()
        signal.setDisposition(to: .ineffective)
    }
}
