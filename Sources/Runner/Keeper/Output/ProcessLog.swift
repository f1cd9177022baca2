import HostSystem
import PortlessCore
import SystemPackage

/// Writes down what a process prints and what its keeper notes of it.
struct ProcessLog: ~Copyable {
    private static let flushSize = 64 << 10
    private static let keptTail = 32 << 10

    private var file: RotatingFile
    /// Raw copies, where the project wants them.
    private var copies: [LogLine.Stream: RawCopy] = [:]
    /// What is wrong with the copies and wasn't told yet.
    private var complaints: [String] = []
    private var buffer: [UInt8] = []
    private var bufferedLines = 0
    private var lost = 0
    /// The place of the note that lines were lost, after those and before all others.
    private var loss: LogCursor.Place?
    private let cursor: LogCursor
    private var format = LogFormat()
    /// The last lines while the disk takes none.
    private(set) var unwritten: [UInt8] = []

    /// `cursor` goes on after the last line that is there already.
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

    /// Takes a line; its time, and its cursor, which is greater than that of any line before it.
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

    /// Hands everything to the system.
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
/// A cursor is the time of its line in microseconds, or one more than the last cursor where the clock
/// doesn't say more than that. It goes on when the clock is set back; the time follows the clock.
final class LogCursor {
    /// What a log may hold: hostile ones leave room to go on.
    static let range = -Int64.max / 2...Int64.max / 2
    /// So far the time may be ahead of the clock, for lines that come faster than that counts.
    private static let largestLead: Int64 = 1_000_000

    private var last: Int64 = 0

    /// Goes on after a line that is there already.
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
