import CHostSystem
import CLibrary
package import SystemPackage

/// Signals as events to wait for, instead of handlers that interrupt.
///
/// Opened before any other thread exists: threads inherit the mask, and a single thread that doesn't
/// block a signal would take its default action for the whole process.
package struct SignalQueue: Sendable {
    /// The signals that can arrive: those asked for, without those that stay ignored.
    package let signals: Set<Signal>

    /// Blocks `signals` in this thread and in all that it will create.
    ///
    /// Signals that the parent has set to be ignored stay so and are left out, but for requests to
    /// end; see `Signal.staysIgnored`.
    package init(_ signals: Set<Signal>) {
        let waited = signals.filter { !$0.staysIgnored }
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

    /// Stops this process, or its whole group, as if `signal` had come from the terminal; returns when
    /// it is continued.
    ///
    /// That continue signal doesn't arrive in the queue: acting on it late would undo the next stop. In
    /// an orphaned group (no shell with job control above) the system drops the signal, and this
    /// returns at once.
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

/// Signals as bytes of a pipe, for a loop that waits for descriptors.
package struct SignalPipe: Sendable {
    /// Becomes readable when a signal arrived.
    package let reading: FileDescriptor

    /// Takes over the signals, once in a process; SIGPIPE is ignored from now on.
    package init(_ signals: Set<Signal>) throws(SystemError) {
        let numbers = signals.map(\.rawValue)
        var descriptor: Int32 = -1
        let failure = chs_signal_pipe(numbers, Int32(numbers.count), &descriptor)
        guard failure == 0 else {
            throw SystemError("take over signals", errno: Errno(rawValue: failure))
        }
        reading = FileDescriptor(rawValue: descriptor)
        // The process may have inherited a mask that blocks them.
        SignalMask(signals).unblock()
    }

    package func received() -> Set<Signal> {
        var signals: Set<Signal> = []
        var buffer = [UInt8](repeating: 0, count: 256)
        while let count = try? buffer.withUnsafeMutableBytes({ try reading.read(into: $0) }),
            count > 0
        {
            for byte in buffer[..<count] { signals.insert(Signal(rawValue: Int32(byte))) }
            if count < buffer.count { break }
        }
        return signals
    }
}

/// A set of signals in the system's form.
struct SignalMask {
    private var set = sigset_t()

    init(_ signals: Set<Signal>) {
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal.rawValue) }
    }

    func block() {
        var set = set
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    func unblock() {
        var set = set
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
    }

    /// Takes the next pending signal of the set, which has to be blocked, or waits for one.
    func wait() -> Signal {
        var set = set
        var number: Int32 = 0
        while sigwait(&set, &number) != 0 {}
        return Signal(rawValue: number)
    }

    /// Whether a signal of the set, which has to be blocked, waits for its effect.
    var hasPending: Bool {
        var pending = sigset_t()
        sigemptyset(&pending)
        sigpending(&pending)
        return (Int32(1)..<32).contains { number in
            withUnsafePointer(to: set) { sigismember($0, number) == 1 }
                && sigismember(&pending, number) == 1
        }
    }

    /// Discards pending signals of the set, which has to be blocked and used by this thread only.
    func discard() {
        var pending = sigset_t()
        sigemptyset(&pending)
        sigpending(&pending)
        var set = set
        for number in Int32(1)..<32
        where sigismember(&set, number) == 1 && sigismember(&pending, number) == 1 {
            _ = SignalMask([Signal(rawValue: number)]).wait()
        }
    }
}

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
