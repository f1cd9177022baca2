import Foundation

/// The processes of this machine, as /proc shows them.
enum ProcessTable {
    struct Entry: Sendable {
        let id: Int32
        let environment: String
        let arguments: String
        let directory: String
    }

    static var all: [Entry] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { name in
            guard let id = Int32(name) else { return nil }
            return Entry(
                id: id,
                environment: text("/proc/\(id)/environ"),
                arguments: text("/proc/\(id)/cmdline").replacing("\0", with: " "),
                directory: target(of: "/proc/\(id)/cwd"),
            )
        }
    }

    static func exists(_ id: Int32) -> Bool {
        let status = text("/proc/\(id)/stat")
        // A zombie has ended; that its parent has not looked yet is the parent's affair.
        return !status.isEmpty && !status.contains(") Z ")
    }

    static func parent(of id: Int32) -> Int32? {
        text("/proc/\(id)/stat").components(separatedBy: ") ").last?.split(separator: " ")
            .dropFirst().first.flatMap { Int32($0) }
    }

    /// The children that have not been waited for.
    static func children(of id: Int32) -> [Int32] {
        text("/proc/\(id)/task/\(id)/children").split(separator: " ").compactMap { Int32($0) }
    }

    /// The memory that a process holds, in KiB.
    static func residentSize(_ id: Int32) -> Int {
        for line in text("/proc/\(id)/status").split(separator: "\n")
        where line.hasPrefix("VmRSS:") {
            return Int(line.split(separator: " ").dropFirst().first ?? "") ?? 0
        }
        return 0
    }

    /// Where a link leads; empty where that can't be seen.
    private static func target(of link: String) -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = readlink(link, &buffer, buffer.count)
        return String(
            decoding: buffer.prefix(max(length, 0)).map { UInt8(bitPattern: $0) },
            as: UTF8.self,
        )
    }

    private static func text(_ path: String) -> String {
        // FileHandle, because files of /proc have no size.
        guard let handle = FileHandle(forReadingAtPath: path) else { return "" }
        defer { try? handle.close() }
        return String(decoding: (try? handle.readToEnd()) ?? Data(), as: UTF8.self)
    }
}
