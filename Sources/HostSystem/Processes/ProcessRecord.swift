import CLibrary
import SystemPackage

/// What the operating system tells about one process.
struct ProcessRecord: Hashable {
    var pid: Int32
    var parent: Int32
    var group: Int32
    var startTime: UInt64
    /// It has ended and isn't reaped yet: it holds no files and no ports.
    var isZombie: Bool

    /// Nil if there is no such process, or if the system tells nothing about it.
    static func of(pid: Int32) -> ProcessRecord? {
        #if canImport(Darwin)
        var info = proc_bsdinfo()
        let size = Int32(MemoryLayout<proc_bsdinfo>.size)
        // With 0 in place of 1 the kernel (proc_info.c) doesn't look among zombies.
        guard proc_pidinfo(pid, PROC_PIDTBSDINFO, 1, &info, size) == size else { return nil }
        return ProcessRecord(
            pid: pid,
            parent: Int32(bitPattern: info.pbi_ppid),
            group: Int32(bitPattern: info.pbi_pgid),
            startTime: info.pbi_start_tvsec.saturatingMultiply(by: 1_000_000)
                .saturatingAdd(info.pbi_start_tvusec),
            isZombie: info.pbi_status == zombieStatus,
        )
        #else
        guard let bytes = try? AtomicFile.read(FilePath("/proc/\(pid)/stat")) else { return nil }
        return ProcessRecord(linuxStat: bytes)
        #endif
    }
}

#if canImport(Darwin)
/// SZOMB of sys/proc.h.
private let zombieStatus: UInt32 = 5
#endif

extension ProcessRecord {
    /// Reads a line of `/proc/PID/stat` (proc_pid_stat(5)).
    ///
    /// The second field is the command's name in parentheses, which may itself hold blanks,
    /// parentheses and line feeds; only the last closing parenthesis ends it.
    init?(linuxStat bytes: [UInt8]) {
        guard let open = bytes.firstIndex(of: UInt8(ascii: "(")),
            let fields = Self.fields(ofLinuxStat: bytes),
            let pid = Int32(String(decoding: bytes[..<open], as: UTF8.self).dropLast())
        else { return nil }
        guard fields.count > 19, let parent = Int32(fields[1]), let group = Int32(fields[2]),
            let startTime = UInt64(fields[19])
        else { return nil }
        self.init(
            pid: pid,
            parent: parent,
            group: group,
            startTime: startTime,
            isZombie: fields[0] == "Z" || fields[0] == "X",
        )
    }

    /// The fields after the name: from field 3, the state.
    static func fields(ofLinuxStat bytes: [UInt8]) -> [String]? {
        guard let close = bytes.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        return bytes[(close + 1)...].split(whereSeparator: { $0 <= UInt8(ascii: " ") })
            .map { String(decoding: $0, as: UTF8.self) }
    }
}

extension ProcessRecord {
    static func all() -> [ProcessRecord] {
        allPIDs().compactMap(of(pid:))
    }

    static func allPIDs() -> [Int32] {
        #if canImport(Darwin)
        // Room for those that start between the two calls.
        let count = Int(proc_listallpids(nil, 0)) + 64
        var pids = [Int32](repeating: 0, count: count)
        let size = Int32(clamping: count * MemoryLayout<Int32>.stride)
        let filled = Int(proc_listallpids(&pids, size))
        return Array(pids.prefix(max(filled, 0)))
        #else
        DirectoryListing.names("/proc").compactMap { Int32($0) }
        #endif
    }
}

/// The programs that run now, by the short names that the system gives them.
package enum RunningPrograms {
    /// Whether a process of this name runs, of any user.
    package static func contain(_ name: String) -> Bool {
        ProcessRecord.allPIDs().contains { ProcessDetails.name(of: $0) == name }
    }
}
