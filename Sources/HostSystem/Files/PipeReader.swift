package import SystemPackage

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Whether anybody still reads what is written to a pipe or socket.
package enum PipeReader {
    /// True also for what has no reader, such as a file.
    package static func isThere(_ descriptor: FileDescriptor) -> Bool {
        var query = pollfd(fd: descriptor.rawValue, events: 0, revents: 0)
        guard poll(&query, 1, 0) > 0 else { return true }
        return Int32(query.revents) & (POLLERR | POLLHUP | POLLNVAL) == 0
    }
}
