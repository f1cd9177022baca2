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
    private var loss: (time: Int64, cursor: Int64)?
    private let cursor: LogCursor
    private var stamp = StampCache()
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
    ) -> (time: Int64, cursor: Int64) {
        let place = cursor.next()
        stamp.append(place.time, to: &buffer)
        Self.appendMark(of: stream, place, to: &buffer)
        buffer.append(contentsOf: text)
        buffer.append(0x0A)
        bufferedLines += 1
        copies[stream]?.append(text)
        if buffer.count >= Self.flushSize { flush() }
        return place
    }

    private static func appendMark(
        of stream: LogLine.Stream,
        _ place: (time: Int64, cursor: Int64),
        to bytes: inout [UInt8],
    ) {
        if place.cursor == place.time, let mark = marks[stream] {
            bytes.append(contentsOf: mark)
        } else {
            let head = LogFile.head(of: stream, time: place.time, cursor: place.cursor)
            bytes.append(contentsOf: head.utf8)
        }
    }

    /// Hands everything to the system.
    mutating func flush() {
        complaints += copies.values.compactMap { $0.flush() }
        guard !buffer.isEmpty else { return }
        if lost > 0, let loss {
            var note: [UInt8] = []
            stamp.append(loss.time, to: &note)
            Self.appendMark(of: .note, loss, to: &note)
            note += Array("\(lost) lines were lost here: the log couldn't be written\n".utf8)
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

    private static let marks: [LogLine.Stream: [UInt8]] = [
        .output: Array(" out ".utf8), .error: Array(" err ".utf8), .note: Array(" note ".utf8),
    ]
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

    func next(now: Int64 = Timestamp.now.microseconds) -> (time: Int64, cursor: Int64) {
        last = max(now, last.saturatingAdd(1))
        return (last.saturatingSubtract(now) <= Self.largestLead ? last : now, last)
    }
}

/// Writes time stamps, whose larger part is the same for many lines in a row.
struct StampCache {
    private var second: Int64 = .min
    private var prefix: [UInt8] = []

    mutating func append(_ time: Int64, to buffer: inout [UInt8]) {
        // Rounded down before 1970, too.
        let current = (time >= 0 ? time : time - 999_999) / 1_000_000
        if current != second {
            second = current
            prefix = Array(Timestamp(microseconds: current * 1_000_000).preciseText.utf8.prefix(20))
        }
        buffer.append(contentsOf: prefix)
        var fraction = time - current * 1_000_000
        var divisor: Int64 = 100_000
        while divisor > 0 {
            buffer.append(0x30 + UInt8(truncatingIfNeeded: fraction / divisor))
            fraction %= divisor
            divisor /= 10
        }
        buffer.append(UInt8(ascii: "Z"))
    }
}
