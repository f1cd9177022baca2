import HostSystem
import PortlessCore
package import SystemPackage

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A process's log, with the older parts of it.
package struct LogFile: Hashable, Sendable {
    package let path: FilePath
    package let process: String

    package init(path: FilePath, process: String) {
        self.path = path
        self.process = process
    }

    /// The file itself, or an older part of it.
    func part(_ number: Int) -> FilePath {
        number == 0 ? path : FilePath("\(path.string).\(number)")
    }

    /// The cursor of the last line; nil in an empty log.
    var lastCursor: Int64? {
        var tail = LogTail(self)
        return tail.next()?.line.cursor
    }
}

/// An open log, or an older part of it.
final class LogPart: Sendable {
    let inode: UInt64
    let size: Int64
    private let descriptor: Int32

    /// Nil where there is no such file, or a device, a pipe or a link in its place.
    init?(_ path: FilePath) {
        // Opening a pipe must not wait for a writer.
        let flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY
        let descriptor = open(path.string, flags)
        guard descriptor >= 0 else { return nil }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
        inode = UInt64(status.st_ino)
        size = Int64(clamping: status.st_size)
    }

    deinit {
        close(descriptor)
    }

    /// Nil where the file has become shorter: its writer removed a line that the full disk cut off.
    func bytes(at offset: Int64, _ count: Int) -> [UInt8]? {
        guard count > 0 else { return [] }
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, length in
            length = max(pread(descriptor, buffer.baseAddress, count, off_t(offset)), 0)
        }
        return bytes.count == count ? bytes : nil
    }
}
