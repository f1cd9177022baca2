#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The PID namespaces of Linux; macOS has only one, which has no number.
enum PIDNamespace {
    /// The inode of this process's namespace, which never changes; nil where there is only one.
    static let own: UInt64? = inode(of: "self")

    /// Whether a process counts its PIDs as this one does and sees the same files, so that what its
    /// environment says of both means the same here; false where the system doesn't tell.
    ///
    /// A container's processes are visible outside of it, under other PIDs, and the same path is
    /// another file there.
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
