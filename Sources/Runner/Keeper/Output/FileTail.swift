import SystemPackage

/// The lines of a file from its last to its first.
struct FileTail: ~Copyable {
    private static let blockSize = 64 << 10

    private let descriptor: FileDescriptor
    /// Where what wasn't read yet ends.
    private var position: Int64
    /// Read, but not given out yet.
    private var block: [UInt8] = []

    /// Nil where there is no such file.
    init?(_ path: FilePath) {
        guard let (descriptor, size) = Self.open(path) else { return nil }
        self.descriptor = descriptor
        position = size
        // What isn't ended yet is no line yet.
        while block.last != 0x0A, fill() {
            let end = block.lastIndex(of: 0x0A) ?? -1
            block.removeSubrange((end + 1)...)
        }
        if !block.isEmpty { block.removeLast() }
    }

    private static func open(_ path: FilePath) -> (FileDescriptor, Int64)? {
        let options: FileDescriptor.OpenOptions = [.closeOnExec, .noFollow]
        guard let file = try? FileDescriptor.open(path, .readOnly, options: options) else {
            return nil
        }
        if let size = try? file.seek(offset: 0, from: .end) { return (file, size) }
        try? file.close()
        return nil
    }

    deinit {
        try? descriptor.close()
    }

    /// Nil at the beginning of the file, or once `budget` is used up.
    mutating func previousLine(_ budget: inout Int64) -> [UInt8]? {
        while true {
            if let end = block.lastIndex(of: 0x0A) {
                let line = Array(block[(end + 1)...])
                block.removeSubrange(end...)
                return line
            }
            if position == 0 || budget <= 0 {
                guard !block.isEmpty, position == 0 else { return nil }
                defer { block = [] }
                return block
            }
            budget -= Int64(Self.blockSize)
            guard fill() else { return nil }
        }
    }

    /// Puts what stands before the block in front of it.
    private mutating func fill() -> Bool {
        let count = Int(min(Int64(Self.blockSize), position))
        guard count > 0 else { return false }
        var bytes = [UInt8](repeating: 0, count: count)
        let read = try? bytes.withUnsafeMutableBytes {
            try descriptor.read(fromAbsoluteOffset: position - Int64(count), into: $0)
        }
        // The file may have become shorter: its writer took back what the disk didn't hold.
        guard read == count else { return false }
        position -= Int64(count)
        block = bytes + block
        return true
    }
}
