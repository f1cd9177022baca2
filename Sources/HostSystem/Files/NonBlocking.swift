package import SystemPackage

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Descriptors whose calls return at once, for loops that wait for several.
package enum NonBlocking {
    package static func set(_ descriptor: FileDescriptor) throws(SystemError) {
        let flags = try check("look at a descriptor") { fcntl(descriptor.rawValue, F_GETFL) }
        try check("change a descriptor") {
            fcntl(descriptor.rawValue, F_SETFL, flags | O_NONBLOCK)
        }
    }
}
