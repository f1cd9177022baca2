import CLibrary
import SystemPackage

/// The processor time and memory that processes have used.
package struct ProcessUsage: Hashable, Sendable {
    /// Of all cores together.
    package var processorTime: Duration
    /// Resident bytes; pages that several processes share count for each.
    package var memory: Int64

    /// The sum over several processes, without those that are gone.
    package static func sum(of pids: [Int32]) -> ProcessUsage {
        pids.reduce(into: ProcessUsage(processorTime: .zero, memory: 0)) { sum, pid in
            guard let usage = ProcessUsage(of: pid) else { return }
            sum.processorTime += usage.processorTime
            sum.memory = sum.memory.saturatingAdd(usage.memory)
        }
    }
}

extension ProcessUsage {
    package init?(of pid: Int32) {
        #if canImport(Darwin)
        var info = proc_taskinfo()
        let size = Int32(MemoryLayout<proc_taskinfo>.size)
        guard proc_pidinfo(pid, PROC_PIDTASKINFO, 0, &info, size) == size else { return nil }
        var base = mach_timebase_info_data_t()
        mach_timebase_info(&base)
        let ticks = info.pti_total_user.saturatingAdd(info.pti_total_system)
        let nanoseconds =
            ticks.saturatingMultiply(by: UInt64(base.numer)) / UInt64(max(base.denom, 1))
        self.init(
            processorTime: .nanoseconds(Int64(clamping: nanoseconds)),
            memory: Int64(clamping: info.pti_resident_size),
        )
        #else
        guard let bytes = try? AtomicFile.read(FilePath("/proc/\(pid)/stat")),
            let fields = ProcessRecord.fields(ofLinuxStat: bytes), fields.count > 21,
            let user = Int64(fields[11]), let system = Int64(fields[12]),
            let pages = Int64(fields[21])
        else { return nil }
        let ticksPerSecond = max(Int64(sysconf(Int32(_SC_CLK_TCK))), 1)
        self.init(
            processorTime: .nanoseconds(
                user.saturatingAdd(system)
                    .saturatingMultiply(by: 1_000_000_000 / ticksPerSecond)
            ),
            memory: pages.saturatingMultiply(by: Int64(sysconf(Int32(_SC_PAGESIZE)))),
        )
        #endif
    }
}
