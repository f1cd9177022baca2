#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The inode of this process's PID namespace; nil where there is only one.
func ownPIDNamespace() -> UInt64? {
    #if canImport(Darwin)
    return nil
    #else
    var status = stat()
    guard stat("/proc/self/ns/pid", &status) == 0 else { return nil }
    return UInt64(status.st_ino)
    #endif
}
