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

/// Finds the lines of a file from its last to its first, with only one block in memory.
struct LineRanges {
    /// There is one such block for each process of an app.
    private static let blockSize = 16 << 10

    let part: LogPart
    private var block: [UInt8] = []
    /// The block's offset in the file.
    private var start: Int64
    /// How much of the block is still to be searched.
    private var rest = 0
    /// The end of the next line; nil until the last line's end is found, since an unfinished line
    /// doesn't count.
    private var end: Int64?
    private var isAtBeginning = false

    init(_ part: LogPart) {
        self.part = part
        start = part.size
    }

    /// The line before the last one that was returned, without its line break.
    ///
    /// Nil at the beginning of the file, or once `budget`, in bytes, is used up.
    mutating func previous(_ budget: inout Int64) -> Range<Int64>? {
        if end == nil { end = previousNewline(&budget) }
        guard let end else { return nil }
        if let newline = previousNewline(&budget) {
            self.end = newline
            return newline + 1..<end
        }
        guard isAtBeginning else { return nil }
        self.end = nil
        return 0..<end
    }

    private mutating func previousNewline(_ budget: inout Int64) -> Int64? {
        while true {
            let found = block.withUnsafeBufferPointer { $0[..<rest].lastIndex(of: 0x0A) }
            if let found {
                rest = found
                return start + Int64(found)
            }
            guard fill(&budget) else { return nil }
        }
    }

    private mutating func fill(_ budget: inout Int64) -> Bool {
        let count = Int(min(Int64(Self.blockSize), start))
        isAtBeginning = count == 0
        guard count > 0, budget > 0 else { return false }
        budget -= Int64(count)
        guard let bytes = part.bytes(at: start - Int64(count), count) else { return false }
        block = bytes
        rest = count
        start -= Int64(count)
        return true
    }
}
