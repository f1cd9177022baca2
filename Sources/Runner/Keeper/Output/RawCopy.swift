import HostSystem
import SystemPackage

/// A file that gets a process's output unchanged.
final class RawCopy {
    private let path: FilePath
    private var file: RotatingFile
    private var buffer: [UInt8] = []
    private var hasComplained = false

    init(_ path: FilePath, limit: Int64, count: Int) {
        self.path = path
        file = RotatingFile(path, limit: limit, count: count)
    }

    func append(_ line: UnsafeRawBufferPointer) {
        buffer.append(contentsOf: line)
        buffer.append(0x0A)
    }

    /// A problem that the log has to note; nil where there is none, or it was reported already.
    func flush() -> String? {
        guard !buffer.isEmpty else { return nil }
        let isWritten = write() || file.problem == .noSuchFileOrDirectory && makeFolder() && write()
        buffer.removeAll(keepingCapacity: buffer.capacity <= 4096)
        guard !isWritten, !hasComplained else { return nil }
        hasComplained = true
        let reason =
            file.problem == .noSuchAddressOrDevice
            ? "nobody reads from it" : file.problem.map { "\($0)" } ?? "no reason is known"
        return "not all of its output is in \(path): \(reason)"
    }

    private func write() -> Bool { buffer.withUnsafeBytes { file.append($0) } }

    private func makeFolder() -> Bool {
        var missing: [FilePath] = []
        var folder = path.removingLastComponent()
        while !folder.isEmpty, (try? FileStatus.of(folder)) == .some(nil) {
            missing.append(folder)
            folder = folder.removingLastComponent()
        }
        let mode: FilePermissions = [
            .ownerReadWriteExecute, .groupReadExecute, .otherReadExecute,
        ]
        do {
            for folder in missing.reversed() {
                _ = try FileSystem.makeDirectory(folder, mode: mode)
            }
            return true
        } catch {
            return false
        }
    }
}
