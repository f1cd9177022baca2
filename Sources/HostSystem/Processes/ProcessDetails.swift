import CLibrary
package import SystemPackage

/// A process's name, arguments, environment and folder: for messages, and to find its app.
package enum ProcessDetails {
    /// The program and its arguments; nil if the process isn't there or hidden from this one.
    package static func commandLine(of pid: Int32) -> [String]? {
        #if canImport(Darwin)
        return arguments(of: pid)?.arguments
        #else
        guard
            let bytes = try? AtomicFile.read(
                FilePath("/proc/\(pid)/cmdline"),
                limit: FileLimit.kernel,
            ), !bytes.isEmpty
        else { return nil }
        let end = bytes.last == 0 ? bytes.dropLast() : bytes[...]
        return end.split(separator: 0, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        #endif
    }

    package static func workingDirectory(of pid: Int32) -> FilePath? {
        #if canImport(Darwin)
        var info = proc_vnodepathinfo()
        let size = Int32(MemoryLayout<proc_vnodepathinfo>.size)
        guard proc_pidinfo(pid, PROC_PIDVNODEPATHINFO, 0, &info, size) == size else { return nil }
        return withUnsafeBytes(of: &info.pvi_cdir.vip_path) { bytes in
            FilePath(String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self))
        }
        #else
        SymbolicLink.target(FilePath("/proc/\(pid)/cwd")).map { FilePath($0) }
        #endif
    }

    /// A short name such as `node`; nil if the process isn't there.
    package static func name(of pid: Int32) -> String? {
        #if canImport(Darwin)
        var buffer = [UInt8](repeating: 0, count: 256)
        guard proc_name(pid, &buffer, UInt32(buffer.count)) > 0 else { return nil }
        return String(decoding: buffer.prefix { $0 != 0 }, as: UTF8.self)
        #else
        guard let bytes = try? AtomicFile.read(FilePath("/proc/\(pid)/comm")) else { return nil }
        return String(decoding: bytes.last == 10 ? bytes.dropLast() : bytes[...], as: UTF8.self)
        #endif
    }

    #if canImport(Darwin)
    static func arguments(of pid: Int32) -> DarwinProcessArguments? {
        var name = [CTL_KERN, KERN_PROCARGS2, pid]
        var size = 0
        guard sysctl(&name, 3, nil, &size, nil, 0) == 0, size > 0 else { return nil }
        var buffer = [UInt8](repeating: 0, count: size)
        guard sysctl(&name, 3, &buffer, &size, nil, 0) == 0 else { return nil }
        return DarwinProcessArguments(Array(buffer.prefix(size)))
    }
    #endif
}

extension ProcessDetails {
    /// The environment at the process's start; nil if it isn't there or hidden from this one.
    package static func environment(of pid: Int32) -> [String: String]? {
        #if canImport(Darwin)
        return arguments(of: pid)?.environment
        #else
        guard
            let bytes = try? AtomicFile.read(
                FilePath("/proc/\(pid)/environ"),
                limit: FileLimit.kernel,
            )
        else { return nil }
        return EnvironmentBlock.parse(bytes.split(separator: 0))
        #endif
    }
}

/// The `NAME=value` strings that a process was started with.
enum EnvironmentBlock {
    static func parse(_ entries: some Sequence<ArraySlice<UInt8>>) -> [String: String] {
        var environment: [String: String] = [:]
        for entry in entries {
            let parts = entry.split(
                separator: UInt8(ascii: "="),
                maxSplits: 1,
                omittingEmptySubsequences: false,
            )
            guard let name = parts.first, !name.isEmpty else { continue }
            environment[String(decoding: name, as: UTF8.self)] = String(
                decoding: parts.dropFirst().first ?? [],
                as: UTF8.self,
            )
        }
        return environment
    }
}

/// The answer of macOS's `KERN_PROCARGS2`: a count (four bytes), the executable's path, padding
/// zeros, the arguments, then the environment up to an empty string.
///
/// Of Apple's own protected programs (`/bin/sh`) the kernel leaves the environment out.
struct DarwinProcessArguments {
    let arguments: [String]
    let environment: [String: String]

    init?(_ bytes: [UInt8]) {
        guard bytes.count > 4 else { return nil }
        let count = bytes[..<4].reversed().reduce(0) { $0 << 8 | Int($1) }
        let afterPath = bytes[4...].drop { $0 != 0 }.drop { $0 == 0 }
        let strings = afterPath.split(separator: 0, omittingEmptySubsequences: false)
        guard strings.count >= count else { return nil }
        arguments = strings.prefix(count).map { String(decoding: $0, as: UTF8.self) }
        environment = EnvironmentBlock.parse(strings.dropFirst(count).prefix { !$0.isEmpty })
    }
}
