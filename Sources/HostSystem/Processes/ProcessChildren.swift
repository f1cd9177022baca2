import SystemPackage

#if canImport(Darwin)
import Darwin
#endif

/// The processes under one process, found without looking at any other.
///
/// `ProcessTree` reads every process of the machine; this asks the kernel for children alone.
package enum ProcessChildren {
    /// `pid` and all that it started, directly or not, as far as they still live.
    package static func withDescendants(of pid: Int32) -> [Int32] {
        var found: [Int32] = []
        var seen: Set<Int32> = []
        var next = [pid]
        while let process = next.popLast() {
            guard seen.insert(process).inserted else { continue }
            found.append(process)
            next += children(of: process)
        }
        return found
    }

    /// The living processes whose parent is this very one.
    package static func identities(of parent: ProcessIdentity) -> [ProcessIdentity] {
        let found = children(of: parent.pid).compactMap { pid -> ProcessIdentity? in
            // A child that has ended since may have left its PID to any other process.
            guard let record = ProcessRecord.of(pid: pid), !record.isZombie,
                record.parent == parent.pid
            else { return nil }
            return ProcessIdentity.here(record)
        }
        // The parent may have left its own PID to another one, whose children these are.
        return found.isEmpty || parent.hasItsPID ? found : []
    }

    /// The processes whose parent is `pid`, zombies included.
    package static func children(of pid: Int32) -> [Int32] {
        #if canImport(Darwin)
        let count = Int(proc_listchildpids(pid, nil, 0)) + 16
        var children = [Int32](repeating: 0, count: count)
        let size = Int32(clamping: count * MemoryLayout<Int32>.stride)
        let filled = Int(proc_listchildpids(pid, &children, size))
        return Array(children.prefix(max(filled, 0)))
        #else
        // Each thread lists the children that it started itself (proc(5), CONFIG_PROC_CHILDREN).
        let tasks = FilePath("/proc/\(pid)/task")
        return DirectoryListing.names(tasks).flatMap { thread -> [Int32] in
            let path = tasks.appending(thread).appending("children")
            guard let bytes = try? AtomicFile.read(path) else { return [] }
            return String(decoding: bytes, as: UTF8.self).split(separator: " ").compactMap {
                Int32($0)
            }
        }
        #endif
    }
}
