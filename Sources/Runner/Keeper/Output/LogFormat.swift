import HostSystem
import PortlessCore

/// The lines of a log as bytes: time, stream and text, as in
/// `2026-11-21T08:15:30.042317Z out GET /`.
///
/// A cursor that isn't the time stands after the stream: `out@1795249000000000`.
struct LogFormat {
    private static let marks: [LogLine.Stream: [UInt8]] = [
        .output: Array(" out ".utf8), .error: Array(" err ".utf8), .note: Array(" note ".utf8),
    ]

    private var stamp = StampCache()

    mutating func append(
        _ stream: LogLine.Stream,
        _ text: some Sequence<UInt8>,
        at place: LogCursor.Place,
        to bytes: inout [UInt8],
    ) {
        stamp.append(place.time, to: &bytes)
        if place.cursor == place.time, let mark = Self.marks[stream] {
            bytes.append(contentsOf: mark)
        } else {
            bytes.append(contentsOf: " \(stream.rawValue)@\(place.cursor) ".utf8)
        }
        bytes.append(contentsOf: text)
        bytes.append(0x0A)
    }

    mutating func append(_ line: LogLine, to bytes: inout [UInt8]) {
        append(
            line.stream,
            line.text.utf8,
            at: (line.time.microseconds, line.cursor),
            to: &bytes,
        )
    }

    /// Nil for a line that `append` didn't write.
    static func parse(_ line: some Collection<UInt8>, of process: String) -> LogLine? {
        let stampEnd = line.index(
            line.startIndex,
            offsetBy: Timestamp.preciseLength,
            limitedBy: line.endIndex,
        )
        guard let stampEnd, let time = Timestamp(parsing: line[..<stampEnd]) else {
            return nil
        }
        let rest = line[stampEnd...].dropFirst()
        guard let blank = rest.firstIndex(of: 0x20) else { return nil }
        let words = rest[..<blank].split(separator: UInt8(ascii: "@"), maxSplits: 1)
            .map { String(decoding: $0, as: UTF8.self) }
        guard let word = words.first, let stream = LogLine.Stream(rawValue: word) else {
            return nil
        }
        let cursor = words.count == 1 ? time.microseconds : Int64(words[1])
        guard let cursor, LogCursor.range.contains(cursor) else { return nil }
        return LogLine(
            process: process,
            time: time,
            cursor: cursor,
            stream: stream,
            text: String(decoding: rest[rest.index(after: blank)...], as: UTF8.self),
        )
    }
}

/// Writes time stamps and reuses the larger part, which many lines in a row share.
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
