import CLibrary
import SystemPackage

/// All processes at one moment, with their parents.
package struct ProcessTree: Sendable {
    private let records: [Int32: ProcessRecord]
    private let children: [Int32: [Int32]]

    init(_ records: [ProcessRecord]) {
        self.records = Dictionary(
            records.map { ($0.pid, $0) },
            uniquingKeysWith: { first, _ in first },
        )
        self.children = Dictionary(grouping: records, by: \.parent).mapValues { $0.map(\.pid) }
    }

    package static func current() -> ProcessTree {
        ProcessTree(ProcessRecord.all())
    }

    /// All that live.
    package var processes: [ProcessIdentity] {
        records.keys.sorted().compactMap(identity)
    }

    /// The living processes that `pid` started, directly or not, parents before their children.
    package func descendants(of pid: Int32) -> [ProcessIdentity] {
        var found: [Int32] = []
        var seen: Set<Int32> = [pid]
        var next = children[pid] ?? []
        while !next.isEmpty {
            let fresh = next.filter { seen.insert($0).inserted }
            found += fresh
            next = fresh.flatMap { children[$0] ?? [] }
        }
        return found.compactMap(identity)
    }

    /// The PIDs of those that started `pid`, nearest first.
    package func ancestors(of pid: Int32) -> [Int32] {
        var found: [Int32] = []
        var next = records[pid]?.parent
        while let parent = next, parent > 0, !found.contains(parent) {
            found.append(parent)
            next = records[parent]?.parent
        }
        return found
    }

    /// The living members of a process group.
    package func members(ofGroup group: Int32) -> [ProcessIdentity] {
        records.values.filter { $0.group == group }.compactMap { identity(of: $0.pid) }
    }

    /// Whether every other member of this process's group is an ancestor of it, or one that doesn't
    /// count.
    ///
    /// Ancestors (`npm run`, its shell) only wait for this process. Any other, such as the `less` of
    /// a pipeline, may need the terminal.
    package func isAlone(_ pid: Int32, besides ignored: (Int32) -> Bool = { _ in false }) -> Bool {
        guard let group = records[pid]?.group else { return false }
        let ancestors = Set(ancestors(of: pid))
        return members(ofGroup: group).allSatisfy {
            $0.pid == pid || ancestors.contains($0.pid) || ignored($0.pid)
        }
    }

    /// Nil if the process isn't there or has ended.
    package func identity(of pid: Int32) -> ProcessIdentity? {
        guard let record = records[pid], !record.isZombie else { return nil }
        return ProcessIdentity.here(record)
    }
}

/// The descendants of one process.
///
/// `ProcessTree` reads every process of the machine; this asks the kernel for children only.
package enum ProcessChildren {
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
            // The PID of a child that has ended since may be another process's.
            guard let record = ProcessRecord.of(pid: pid), !record.isZombie,
                record.parent == parent.pid
            else { return nil }
            return ProcessIdentity.here(record)
        }
        // The parent's own PID may be another process's by now, whose children these are.
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
