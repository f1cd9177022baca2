import HostSystem
package import PortlessCore
import SystemPackage

/// The last lines of an app's logs, in the order in which they were written.
///
/// It knows where the lines are and reads each of them when it is asked for, so that neither many
/// lines nor long ones are in memory at once.
package struct LogExcerpt: Sequence, Sendable {
    /// Where a line is.
    struct Place: Sendable {
        let file: Int
        /// Which part of the log it was in when it was found, and the inode of that.
        let part: Int
        let inode: UInt64
        let range: Range<Int64>
        let cursor: Int64
    }

    private enum Source: Sendable {
        case lines([LogLine])
        case places([Place], of: [LogFile])
    }

    private let source: Source
    /// Whether all lines are there that were asked for, rather than as many as fit.
    let isComplete: Bool

    init(_ places: [Place], of files: [LogFile], isComplete: Bool) {
        source = .places(places, of: files)
        self.isComplete = isComplete
    }

    /// Lines that are in memory anyway.
    package init(_ lines: [LogLine]) {
        source = .lines(lines)
        isComplete = true
    }

    package var count: Int {
        switch source {
        case .lines(let lines): lines.count
        case .places(let places, _): places.count
        }
    }

    var lastCursor: Int64? {
        switch source {
        case .lines(let lines): lines.last?.cursor
        case .places(let places, _): places.last?.cursor
        }
    }

    package func makeIterator() -> AnyIterator<LogLine> {
        switch source {
        case .lines(let lines): return AnyIterator(lines.makeIterator())
        case .places(let places, let files):
            var reader = LineReader(files: files)
            return AnyIterator(places.lazy.map { reader.line(at: $0) }.makeIterator())
        }
    }
}

/// Reads lines whose places are known, with one file open at a time.
private struct LineReader {
    /// So often a log may have begun a new part while an answer is under way.
    private static let mostRotations = 5

    let files: [LogFile]
    private var open: LogPart?

    init(files: [LogFile]) {
        self.files = files
    }

    mutating func line(at place: LogExcerpt.Place) -> LogLine {
        let file = files[place.file]
        let length = place.range.upperBound - place.range.lowerBound
        let count = Int(min(length, Int64(LogExcerpt.longestLine)))
        guard let part = part(place),
            let bytes = part.bytes(at: place.range.lowerBound, count),
            var line = LogFile.parse(bytes, file.process), line.cursor == place.cursor
        else {
            return LogLine(
                process: file.process,
                time: place.cursor,
                stream: .note,
                text: "this line isn't kept any more",
            )
        }
        if count < length { line.text += "…" }
        return line
    }

    private mutating func part(_ place: LogExcerpt.Place) -> LogPart? {
        if let open, open.inode == place.inode { return open }
        open = nil
        for number in place.part...place.part + Self.mostRotations {
            guard let part = LogPart(files[place.file].part(number)) else { continue }
            guard part.inode == place.inode else { continue }
            open = part
            return part
        }
        return nil
    }
}
