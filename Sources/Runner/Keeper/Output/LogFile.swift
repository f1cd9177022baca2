import HostSystem
import PortlessCore
package import SystemPackage

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

    /// The cursor of the last line; nil without any.
    var lastCursor: Int64? {
        LogExcerpt(of: [self], last: 1).lastCursor
    }

    /// What precedes the text of a line: its time, its stream, and the cursor where that is another.
    static func head(of stream: LogLine.Stream, time: Int64, cursor: Int64) -> String {
        cursor == time ? " \(stream.rawValue) " : " \(stream.rawValue)@\(cursor) "
    }

    static func parse(_ line: some Collection<UInt8>, _ process: String) -> LogLine? {
        let stampEnd = line.index(
            line.startIndex,
            offsetBy: Timestamp.preciseLength,
            limitedBy: line.endIndex,
        )
        guard let stampEnd, let time = Timestamp(parsing: line[..<stampEnd])?.microseconds else {
            return nil
        }
        let rest = line[stampEnd...].dropFirst()
        guard let blank = rest.firstIndex(of: 0x20) else { return nil }
        let words = rest[..<blank].split(separator: UInt8(ascii: "@"), maxSplits: 1)
            .map { String(decoding: $0, as: UTF8.self) }
        guard let word = words.first, let stream = LogLine.Stream(rawValue: word) else {
            return nil
        }
        let cursor = words.count == 1 ? time : Int64(words[1])
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
