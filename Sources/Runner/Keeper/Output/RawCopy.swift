import SystemPackage

/// A file that gets a process's output as it is.
final class RawCopy {
    private var file: RotatingFile
    private var buffer: [UInt8] = []

    init(_ path: FilePath, limit: Int64, count: Int) {
        file = RotatingFile(path, limit: limit, count: count)
    }

    func append(_ line: UnsafeRawBufferPointer) {
        buffer.append(contentsOf: line)
        buffer.append(0x0A)
    }

    func flush() {
        guard !buffer.isEmpty else { return }
        // Nobody is told of what a full disk doesn't take here: the log itself says it.
        _ = buffer.withUnsafeBytes { file.append($0) }
        buffer.removeAll(keepingCapacity: buffer.capacity <= 4096)
    }
}
