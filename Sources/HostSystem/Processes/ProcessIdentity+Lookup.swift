import SystemPackage

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

extension ProcessIdentity {
    /// This very process.
    package static var current: ProcessIdentity {
        let pid = getpid()
        return of(pid: pid) ?? ProcessIdentity(pid: pid, startTime: nil)
    }

    /// The process that started this one; nil where it has ended.
    package static var parent: ProcessIdentity? {
        let pid = getppid()
        // Orphans are given to init, or to another process that asks for them.
        return pid > 1 ? of(pid: pid) : nil
    }

    /// The process that has this PID now; nil if there is none.
    package static func of(pid: Int32) -> ProcessIdentity? {
        guard pid > 0 else { return nil }
        if let record = ProcessRecord.of(pid: pid) {
            guard !record.isZombie else { return nil }
            return ProcessIdentity(
                pid: pid,
                startTime: record.startTime,
                namespace: ownPIDNamespace(),
            )
        }
        // /proc can hide other users' processes (hidepid), and macOS tells less of them.
        guard exists(pid: pid) else { return nil }
        return ProcessIdentity(pid: pid, startTime: nil, namespace: ownPIDNamespace())
    }

    /// Whether the process still runs, as far as can be told from here.
    ///
    /// A PID of another namespace (a container that shares the directory) means nothing here, so
    /// such a process counts as alive: its own side has to collect it.
    package var isAlive: Bool {
        if let namespace, let own = ownPIDNamespace(), namespace != own { return true }
        guard let now = ProcessIdentity.of(pid: pid) else { return false }
        guard let startTime, let actual = now.startTime else { return true }
        return startTime == actual
    }

    private static func exists(pid: Int32) -> Bool {
        kill(pid, 0) == 0 || Errno.current == .notPermitted
    }
}

extension ProcessIdentity {
    /// Sends a signal, unless the process has ended and its PID is somebody else's now.
    @discardableResult
    package func send(_ signal: Signal) -> Bool {
        guard pid > 1, let now = ProcessIdentity.of(pid: pid),
            startTime == nil || now.startTime == startTime
        else { return false }
        return kill(pid, signal.rawValue) == 0
    }
}
