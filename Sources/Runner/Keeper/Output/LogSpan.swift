import HostSystem
import PortlessCore

/// A range of lines of one log, over any number of its parts.
struct LogSpan: Sendable {
    /// A keeper's lines are shorter; longer ones are cut off.
    static let longestLine = LineSplitter.longestOutput + 256

    let file: LogFile
    /// The beginning; the part stays open, so that it can be read after its removal.
    private(set) var first: LogPart
    private(set) var start: Int64
    /// The end.
    let last: UInt64
    let end: Int64
    /// Lines before this time are left out.
    let since: Timestamp?

    init(_ file: LogFile, endingWith place: LogTail.Place, since: Timestamp?) {
        self.file = file
        self.since = since
        first = place.part
        start = place.range.lowerBound
        last = place.part.inode
        end = place.range.upperBound + 1
    }

    /// Extends the span back to this earlier line.
    mutating func extend(to place: LogTail.Place) {
        first = place.part
        start = place.range.lowerBound
    }
}

/// Reads the lines of a span from the first to the last, one block at a time.
struct LogSpanReader {
    private static let blockSize: Int64 = 32 << 10

    private let span: LogSpan
    /// The current part; nil at the end.
    private var part: LogPart?
    private var offset: Int64
    private var splitter = LineSplitter(longest: LogSpan.longestLine)
    /// Lines that were read and not returned yet.
    private var lines: ArraySlice<LogLine> = []

    init(_ span: LogSpan) {
        self.span = span
        part = span.first
        offset = span.start
    }

    mutating func next() -> LogLine? {
        while lines.isEmpty, let part {
            let end = part.inode == span.last ? span.end : part.size
            let count = Int(min(Self.blockSize, end - offset))
            if count > 0, let block = part.bytes(at: offset, count) {
                offset += Int64(count)
                split(block)
            } else {
                self.part = successor(of: part)
                offset = 0
                splitter = LineSplitter(longest: LogSpan.longestLine)
            }
        }
        return lines.popFirst()
    }

    private mutating func split(_ block: [UInt8]) {
        var found: [LogLine] = []
        block.withUnsafeBytes { bytes in
            splitter.append(bytes) { bytes in
                guard var line = LogFormat.parse(bytes, of: span.file.process),
                    span.since.map({ $0 <= line.time }) ?? true
                else { return }
                // The remainder isn't a whole line.
                if bytes.count == LogSpan.longestLine { line.text += "…" }
                found.append(line)
            }
        }
        lines = found[...]
    }

    /// The part that follows this one; nil after the last.
    ///
    /// In the meantime the log may have been rotated, and this part removed.
    private func successor(of part: LogPart) -> LogPart? {
        guard part.inode != span.last else { return nil }
        var newer: LogPart?
        var hasLast = false
        for number in 0...LogTail.mostParts {
            guard let candidate = LogPart(span.file.part(number)) else {
                // For an instant during a rotation there may be no file.
                if number == 0 { continue }
                break
            }
            if candidate.inode == part.inode { return newer }
            hasLast = hasLast || candidate.inode == span.last
            newer = candidate
        }
        return hasLast ? newer : nil
    }
}
