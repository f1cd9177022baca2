package import SystemPackage

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// What a process says of itself: for messages, and to recognise whose it is.
package enum ProcessDetails {
    /// The program and its arguments; nil if it isn't there or not ours to see.
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

    /// A short name such as `node`; nil if it isn't there.
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
