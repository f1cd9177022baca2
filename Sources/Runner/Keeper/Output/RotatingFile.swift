import HostSystem
import SystemPackage

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// An append-only file that is replaced by an empty one when it has become too large.
///
/// A write that fails is dropped as a whole: a full disk must neither block the writer nor leave
/// half a line. A device or a pipe in its place is written to, and never replaced.
struct RotatingFile: ~Copyable {
    private let path: FilePath
    private let limit: Int64
    /// The number of older parts that are kept, as `.1` and so on.
    private let count: Int
    private var descriptor: Int32 = -1
    private var size: Int64 = 0
    private var isRegular = false
    /// The error of the last `append` that failed.
    private(set) var problem: Errno?

    init(_ path: FilePath, limit: Int64, count: Int) {
        self.path = path
        self.limit = limit
        self.count = count
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// False if the write failed or was incomplete.
    mutating func append(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard openIfNeeded() else { return false }
        if isRegular, size > 0, size.saturatingAdd(Int64(bytes.count)) > limit, !rotate() {
            return false
        }
        var written = 0
        while written < bytes.count {
            let result = write(
                descriptor,
                bytes.baseAddress.map { $0 + written },
                bytes.count - written,
            )
            if result > 0 {
                written += result
            } else if result < 0, errno == EINTR {
                continue
            } else {
                problem = Errno(rawValue: errno)
                // Back to the last whole line.
                if isRegular { _ = ftruncate(descriptor, off_t(size)) }
                return false
            }
        }
        size += Int64(written)
        return true
    }

    private mutating func openIfNeeded() -> Bool {
        var status = stat()
        if descriptor >= 0 {
            // The user may have removed the file to make room.
            if fstat(descriptor, &status) == 0, status.st_nlink > 0 { return true }
            close(descriptor)
        }
        // A pipe without a reader would block the whole keeper.
        let flags =
            O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY
        descriptor = open(path.string, flags, 0o600)
        guard descriptor >= 0, fstat(descriptor, &status) == 0 else {
            problem = Errno(rawValue: errno)
            return false
        }
        size = Int64(status.st_size)
        isRegular = status.st_mode & S_IFMT == S_IFREG
        return true
    }

    private mutating func rotate() -> Bool {
        close(descriptor)
        descriptor = -1
        for number in stride(from: count, to: 0, by: -1) {
            let older = number == 1 ? path.string : "\(path.string).\(number - 1)"
            rename(older, "\(path.string).\(number)")
        }
        if count == 0 { unlink(path.string) }
        return openIfNeeded()
    }
}
