import HostSystem
import PortlessCore
import SystemPackage

/// Writes a process's output and its keeper's notes to the log.
struct ProcessLog: ~Copyable {
    private static let flushSize = 64 << 10
    private static let keptTail = 32 << 10

    private var file: RotatingFile
    /// The raw copies that the project asks for.
    private var copies: [LogLine.Stream: RawCopy] = [:]
    /// Problems with the copies that weren't reported yet.
    private var complaints: [String] = []
    private var buffer: [UInt8] = []
    private var bufferedLines = 0
    private var lost = 0
    /// The cursor of the note that lines were lost: after those, and before all others.
    private var loss: LogCursor.Place?
    private let cursor: LogCursor
    private var format = LogFormat()
    /// The last lines while the disk is full.
    private(set) var unwritten: [UInt8] = []

    /// `cursor` is that of the last line in the existing log.
    init(
        _ path: FilePath,
        plan: PlannedProcess,
        limits: SupervisionPlan,
        cursor: LogCursor,
    ) {
        file = RotatingFile(path, limit: limits.logSize, count: limits.logCount)
        self.cursor = cursor
        for (stream, path) in [
            (LogLine.Stream.output, plan.outputFile), (.error, plan.errorFile),
        ] {
            guard let path else { continue }
            copies[stream] = RawCopy(path, limit: limits.logSize, count: limits.logCount)
        }
    }

    /// Appends a line with its time and its cursor, which is greater than that of any line before.
    mutating func append(
        _ stream: LogLine.Stream,
        _ text: UnsafeRawBufferPointer,
    ) -> LogCursor.Place {
        let place = cursor.next()
        format.append(stream, text, at: place, to: &buffer)
        bufferedLines += 1
        copies[stream]?.append(text)
        if buffer.count >= Self.flushSize { flush() }
        return place
    }

    /// Writes all buffers out.
    mutating func flush() {
        complaints += copies.values.compactMap { $0.flush() }
        guard !buffer.isEmpty else { return }
        if lost > 0, let loss {
            var note: [UInt8] = []
            let text = "\(lost) lines were lost here: the log couldn't be written"
            format.append(.note, text.utf8, at: loss, to: &note)
            buffer.insert(contentsOf: note, at: 0)
        }
        if buffer.withUnsafeBytes({ file.append($0) }) {
            lost = 0
            loss = nil
            if !unwritten.isEmpty { unwritten = [] }
        } else {
            lost += bufferedLines
            loss = cursor.next()
            unwritten.append(contentsOf: buffer)
            unwritten.removeFirst(max(unwritten.count - Self.keptTail, 0))
        }
        bufferedLines = 0
        buffer.removeAll(keepingCapacity: buffer.capacity <= 4096)
    }

    mutating func takeComplaints() -> [String] {
        defer { complaints = [] }
        return complaints
    }
}

/// Numbers the lines of an app, all its processes together.
///
/// A cursor is the time of its line in microseconds, or the last cursor plus one where the clock
/// isn't later. It goes on when the clock is set back; the time follows the clock.
final class LogCursor {
    /// The largest cursor that a log may hold: hostile logs must leave room to go on.
    static let range = -Int64.max / 2...Int64.max / 2
    /// How far the time may be ahead of the clock, for lines that come faster than one a
    /// microsecond.
    private static let largestLead: Int64 = 1_000_000

    private var last: Int64 = 0

    /// Continues after a line of the existing log.
    func advance(past cursor: Int64) {
        last = max(last, cursor)
    }

    typealias Place = (time: Int64, cursor: Int64)

    /// The next line's time in microseconds, and its cursor.
    func next(now: Int64 = Timestamp.now.microseconds) -> Place {
        last = max(now, last.saturatingAdd(1))
        return (last.saturatingSubtract(now) <= Self.largestLead ? last : now, last)
    }
}

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
            ? "no program reads from it" : file.problem.map { "\($0)" } ?? "no reason is known"
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
