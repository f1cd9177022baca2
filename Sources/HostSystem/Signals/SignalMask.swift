#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

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

    /// Forgets what is pending of the set, which has to be blocked and used by this thread only.
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
