import HostSystem
import PortlessCore

/// The lines of one log from some line to another one, over any number of its parts.
struct LogSpan: Sendable {
    /// A keeper's lines are shorter; of another one only its beginning counts.
    static let longestLine = LineSplitter.longestOutput + 256

    let file: LogFile
    /// Where it begins; the part stays open and is read even if it is removed meanwhile.
    private(set) var first: LogPart
    private(set) var start: Int64
    /// Where it ends.
    let last: UInt64
    let end: Int64
    /// Lines before this are not part of it.
    let since: Timestamp?

    init(_ file: LogFile, endingWith place: LogTail.Place, since: Timestamp?) {
        self.file = file
        self.since = since
        first = place.part
        start = place.range.lowerBound
        last = place.part.inode
        end = place.range.upperBound + 1
    }

    /// Makes this earlier line its first.
    mutating func extend(to place: LogTail.Place) {
        first = place.part
        start = place.range.lowerBound
    }
}

/// Reads the lines of a span from the first to the last, one block at a time.
struct LogSpanReader {
    private static let blockSize: Int64 = 32 << 10

    private let span: LogSpan
    /// The part that is read now; nil at the end.
    private var part: LogPart?
    private var offset: Int64
    private var splitter = LineSplitter(longest: LogSpan.longestLine)
    /// Lines that were read already.
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
                // The rest of it is no line.
                if bytes.count == LogSpan.longestLine { line.text += "…" }
                found.append(line)
            }
        }
        lines = found[...]
    }

    /// The part that was begun after this one; nil after the last.
    ///
    /// Meanwhile the log may have begun new parts, and this one may have been removed.
    private func successor(of part: LogPart) -> LogPart? {
        guard part.inode != span.last else { return nil }
        var newer: LogPart?
        var hasLast = false
        for number in 0...LogTail.mostParts {
            guard let candidate = LogPart(span.file.part(number)) else {
                // Between two parts there may be no file for an instant.
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
