package import SystemPackage

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// An exclusive lock between processes, held for as long as the value lives, or any process that
/// got its descriptor.
package final class HeldLock: Sendable {
    private let file: OpenFile

    package var descriptor: FileDescriptor { FileDescriptor(rawValue: file.descriptor) }

    private init(_ file: consuming OpenFile) {
        self.file = file
    }

    /// Nil while somebody else holds it; the lock file has mode 0600 and stays.
    package static func take(at path: FilePath) throws(SystemError) -> HeldLock? {
        let file = try OpenFile(path, O_RDWR | O_CREAT | O_NOFOLLOW, mode: .ownerReadWrite)
        guard flock(file.descriptor, LOCK_EX | LOCK_NB) != 0 else { return HeldLock(file) }
        let error = SystemError.last("lock", path: path)
        guard error.errno == .wouldBlock else { throw error }
        return nil
    }
}
