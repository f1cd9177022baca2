import CHostSystem

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

extension ProcessIdentity {
    /// Sends a signal to this very process; false if it has ended, or if it isn't certain that the
    /// PID is still its own.
    ///
    /// PIDs are given to other processes again, so a number alone never gets a signal.
    @discardableResult
    package func send(_ signal: Signal) -> Bool {
        guard pid > 1 else { return false }
        // The handle stays with the process that has the PID now, so that nothing can change
        // between the check and the signal. Where there is none (macOS, Linux before 5.3), the
        // instant between both remains.
        let handle = chs_open_process(pid)
        defer { if handle >= 0 { close(handle) } }
        guard isVerified else { return false }
        return chs_signal_process(handle, pid, signal.rawValue) == 0
    }
}
