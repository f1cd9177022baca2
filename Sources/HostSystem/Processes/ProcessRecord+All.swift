import SystemPackage

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

extension ProcessRecord {
    /// A record of every process that can be seen.
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
