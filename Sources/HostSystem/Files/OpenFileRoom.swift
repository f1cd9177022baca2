#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// How many more files this process can open.
package enum OpenFileRoom {
    /// Whether at least `count` descriptors are free, found out by taking them for an instant.
    package static func has(_ count: Int) -> Bool {
        var taken: [Int32] = []
        defer { for descriptor in taken { close(descriptor) } }
        while taken.count < count {
            let descriptor = fcntl(0, F_DUPFD_CLOEXEC, 0)
            // Without a standard input there is nothing to find it out with.
            guard descriptor >= 0 else { return errno == EBADF }
            taken.append(descriptor)
        }
        return true
    }
}
