package import SystemPackage

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A socket that was handed over.
package struct ActivatedSocket: Hashable, Sendable {
    package let descriptor: FileDescriptor
    /// What whoever opened it calls it, where that was said.
    package let name: String?

    package init(descriptor: FileDescriptor, name: String? = nil) {
        self.descriptor = descriptor
        self.name = name
    }

    /// Keeps the socket from being inherited by every child; it arrives without that mark.
    package func closeOnExec() {
        _ = fcntl(descriptor.rawValue, F_SETFD, FD_CLOEXEC)
    }
}
