import CHostSystem
import CLibrary
import SystemPackage

/// A process, told apart from a later one with the same PID by its start time.
package struct ProcessIdentity: Hashable, Sendable {
    package let pid: Int32
    /// An opaque number of the operating system; nil in entries of tools that don't record it, where
    /// the PID may be another process's by now.
    package let startTime: UInt64?
    /// The PID namespace in which `pid` counts (Linux: the inode of `/proc/self/ns/pid` of the process
    /// that recorded it); nil means unknown or only one.
    package let namespace: UInt64?
    /// The run of the operating system in which `pid` and `startTime` count; nil means unknown.
    package let boot: String?

    package init(
        pid: Int32,
        startTime: UInt64?,
        namespace: UInt64? = nil,
        boot: String? = nil,
    ) {
        self.pid = pid
        self.startTime = startTime
        self.namespace = namespace
        self.boot = boot
    }
}

extension ProcessIdentity {
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

    /// As `of`, but including a process that has ended and isn't reaped yet.
    package static func holder(of pid: Int32) -> ProcessIdentity? {
        pid > 0 ? ProcessRecord.of(pid: pid).map(here) : nil
    }

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
    /// The start time in words: on Linux field 22 of `/proc/PID/stat`, elsewhere as `ps -o lstart=`
    /// prints it in the C locale and UTC.
    package var startText: String? {
        guard let startTime else { return nil }
        #if canImport(Darwin)
        return Timestamp(microseconds: Int64(clamping: startTime)).calendarText
        #else
        return String(startTime)
        #endif
    }

    /// The start time as a point in time, for a process of this run of the system.
    package var startedAt: Timestamp? {
        guard let startTime else { return nil }
        let start = Int64(clamping: startTime)
        #if canImport(Darwin)
        return Timestamp(microseconds: start)
        #else
        // In clock ticks since the system's start.
        var uptime = timespec()
        clock_gettime(CLOCK_BOOTTIME, &uptime)
        let ticksPerSecond = max(Int64(sysconf(Int32(_SC_CLK_TCK))), 1)
        let milliseconds = start.saturatingMultiply(by: 1000) / ticksPerSecond
        let age = Duration.seconds(Int64(uptime.tv_sec)) - .clamped(milliseconds: milliseconds)
        return Timestamp.now.advanced(by: .zero - age)
        #endif
    }
}

extension ProcessIdentity {
    /// What is known of a process that was recorded some time ago.
    package enum Standing: Hashable, Sendable {
        /// PID, start time, boot and PID namespace are those of a process that runs here.
        case running
        case ended
        /// The PID counts in another namespace (a container that shares the directory) and means
        /// nothing here.
        case elsewhere
        /// A process has this PID, and the record doesn't tell whether it is the same one.
        case unproven
    }

    package var standing: Standing { standing(countsZombies: false) }

    /// Whether the process may still run.
    ///
    /// Uncertainty counts as alive, which is enough to keep an entry and too little for a signal.
    package var isAlive: Bool { standing != .ended }

    /// Whether this very process runs here.
    package var isVerified: Bool { standing == .running }

    /// Whether PIDs and paths in the process's environment mean the same here.
    package var sharesNamespaces: Bool { PIDNamespace.isShared(by: pid) }

    /// Whether the PID still belongs to this process, even if it has ended and isn't reaped.
    var hasItsPID: Bool { standing(countsZombies: true) == .running }

    private func standing(countsZombies: Bool) -> Standing {
        guard pid > 0 else { return .ended }
        if let namespace, namespace != PIDNamespace.own { return .elsewhere }
        if let boot, let own = BootSession.id, boot != own {
            // Linux processes record their namespace, so a virtual machine that shares the directory
            // reads here of a process on its host.
            return namespace == PIDNamespace.own ? .ended : .elsewhere
        }
        guard let record = ProcessRecord.of(pid: pid) else {
            return Self.exists(pid: pid) ? .unproven : .ended
        }
        if record.isZombie, !countsZombies { return .ended }
        guard let startTime else { return .unproven }
        guard startTime == record.startTime else { return .ended }
        return boot == BootSession.id && namespace == PIDNamespace.own ? .running : .unproven
    }
}

extension ProcessIdentity {
    /// This process, if its record proves that it runs here, or if the process with its PID listens on
    /// the port that was recorded with it; else nil.
    ///
    /// Other tools, and older versions of this one, record too little for a proof.
    package func proven(byListeningOn port: UInt16?) -> ProcessIdentity? {
        switch standing {
        case .running: return self
        case .ended, .elsewhere: return nil
        case .unproven: break
        }
        guard let port, let now = ProcessIdentity.of(pid: pid), now.isVerified,
            let sockets = try? ListeningSockets.on(port: port),
            !ListeningSockets.holders(of: sockets, among: [pid]).isEmpty
        else { return nil }
        return now
    }
}

extension ProcessIdentity {
    /// Sends a signal; false if the process has ended, or if it isn't certain that the PID is still its
    /// own.
    ///
    /// The system reuses PIDs, so a number alone never gets a signal.
    @discardableResult
    package func send(_ signal: Signal) -> Bool {
        guard pid > 1 else { return false }
        // The handle belongs to the process that has the PID now, so that the PID can't pass to
        // another one between the check and the signal. macOS and Linux before 5.3 have none.
        let handle = chs_open_process(pid)
        defer { if handle >= 0 { close(handle) } }
        guard isVerified else { return false }
        return chs_signal_process(handle, pid, signal.rawValue) == 0
    }
}

/// One run of the operating system, which distinguishes equal process IDs of different runs.
package enum BootSession {
    /// Constant while the system runs; nil if it doesn't tell.
    package static let id: String? = read()

    private static func read() -> String? {
        #if canImport(Darwin)
        var size = 64
        var buffer = [CChar](repeating: 0, count: size)
        guard sysctlbyname("kern.bootsessionuuid", &buffer, &size, nil, 0) == 0 else { return nil }
        return String(nullTerminated: buffer)
        #else
        guard let bytes = try? AtomicFile.read("/proc/sys/kernel/random/boot_id") else {
            return nil
        }
        return String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self)
        #endif
    }
}

/// The PID namespaces of Linux; macOS has only one, which has no number.
enum PIDNamespace {
    /// The inode of this process's namespace; nil where there is only one.
    static let own: UInt64? = inode(of: "self")

    /// Whether a process has the PID and mount namespaces of this one; false if the system doesn't tell.
    ///
    /// A container's processes are visible outside of it under other PIDs, and the same path is another
    /// file there.
    static func isShared(by pid: Int32) -> Bool {
        #if canImport(Darwin)
        return true
        #else
        guard let own, inode(of: "\(pid)") == own else { return false }
        return inode(of: "\(pid)", "mnt") == inode(of: "self", "mnt")
        #endif
    }

    private static func inode(of process: String, _ kind: String = "pid") -> UInt64? {
        #if canImport(Darwin)
        return nil
        #else
        var status = stat()
        guard stat("/proc/\(process)/ns/\(kind)", &status) == 0 else { return nil }
        return UInt64(status.st_ino)
        #endif
    }
}
