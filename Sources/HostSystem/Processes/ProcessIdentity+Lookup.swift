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
        if let record = ProcessRecord.of(pid: pid) { return record.isZombie ? nil : here(record) }
        // /proc can hide other users' processes (hidepid), and macOS tells less of them.
        return exists(pid: pid) ? here(pid, startTime: nil) : nil
    }

    /// As `of`, but one that has ended still has its PID until its parent reaps it.
    package static func holder(of pid: Int32) -> ProcessIdentity? {
        pid > 0 ? ProcessRecord.of(pid: pid).map(here) : nil
    }

    /// A process that was just seen here.
    static func here(_ record: ProcessRecord) -> ProcessIdentity {
        here(record.pid, startTime: record.startTime)
    }

    private static func here(_ pid: Int32, startTime: UInt64?) -> ProcessIdentity {
        ProcessIdentity(
            pid: pid,
            startTime: startTime,
            namespace: PIDNamespace.own,
            boot: BootSession.id,
        )
    }

    private static func exists(pid: Int32) -> Bool {
        kill(pid, 0) == 0 || Errno.current == .notPermitted
    }
}

extension ProcessIdentity {
    /// What can be said of a process that was written down some time ago.
    package enum Standing: Hashable, Sendable {
        /// PID, start time, boot and PID namespace are those of a process that runs here.
        case running
        case ended
        /// The PID counts in another namespace (a container that shares the directory) and means
        /// nothing here.
        case elsewhere
        /// A process has this PID, and what was recorded doesn't say whether it is the same one.
        case unproven
    }

    package var standing: Standing { standing(countsZombies: false) }

    /// Whether the process still runs, as far as can be told from here.
    ///
    /// What isn't known for sure counts as alive: its own side has to collect it. That is enough
    /// to keep an entry of it, and too little for a signal.
    package var isAlive: Bool { standing != .ended }

    /// Whether this very process runs here.
    package var isVerified: Bool { standing == .running }

    /// Whether the process counts PIDs and sees files as this one does, so that what its environment
    /// says of both means the same here.
    package var sharesNamespaces: Bool { PIDNamespace.isShared(by: pid) }

    /// Whether the PID still belongs to this very process, even if it has ended and its parent
    /// hasn't reaped it.
    var hasItsPID: Bool { standing(countsZombies: true) == .running }

    private func standing(countsZombies: Bool) -> Standing {
        guard pid > 0 else { return .ended }
        if let namespace, let own = PIDNamespace.own, namespace != own { return .elsewhere }
        if let boot, let own = BootSession.id, boot != own { return .ended }
        guard let record = ProcessRecord.of(pid: pid) else {
            return Self.exists(pid: pid) ? .unproven : .ended
        }
        if record.isZombie, !countsZombies { return .ended }
        guard let startTime else { return .unproven }
        guard startTime == record.startTime else { return .ended }
        return boot == BootSession.id && namespace == PIDNamespace.own ? .running : .unproven
    }
}
