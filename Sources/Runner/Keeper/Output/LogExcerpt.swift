package import HostSystem
package import PortlessCore

/// The last lines of an app's logs, in the order in which they were written.
///
/// It knows the ranges of the lines in each file and reads them on demand, so that neither many
/// lines nor long ones are in memory at once.
package struct LogExcerpt: Sequence, Sendable {
    /// The most lines in an answer of the API, as in the original.
    package static let mostLines = 10_000
    /// The most bytes in an answer of the API.
    private static let mostBytes: Int64 = 8 << 20

    private static let mostNotesInARow = 100

    private enum Source: Sendable {
        case lines([LogLine])
        case spans([LogSpan])
    }

    private let source: Source
    /// The number of lines, the keeper's notes included.
    package let count: Int
    let lastCursor: Int64?
    /// Whether it has all requested lines, rather than as many as fit.
    let isComplete: Bool

    /// The last lines of all files together: `count` of the processes' own, with the keeper's notes
    /// among them, unless there are too many in a row.
    ///
    /// Lines before `since`, or not later than `after` of their process, are left out. With
    /// `isBounded` the limits of the API's answers apply.
    package init(
        of files: [LogFile],
        last count: Int,
        since: Timestamp? = nil,
        isBounded: Bool = true,
        after: (_ process: String) -> Int64? = { _ in nil },
    ) {
        var tails = files.map {
            LogTail($0, since: since, after: after($0.process), isBounded: isBounded)
        }
        var heads = count > 0 ? tails.indices.map { tails[$0].next() } : []
        var spans = files.map { _ in LogSpan?.none }
        var missing = count
        // A process that crash-loops in silence has thousands of notes.
        let mostNotes = Swift.max(count, Self.mostNotesInARow)
        var notesInARow = 0
        var found = 0
        var bytes: Int64 = 0
        var lastCursor: Int64?
        while missing > 0, notesInARow < mostNotes, !isBounded || bytes < Self.mostBytes {
            let latest = heads.indices.max { heads[$0].isBefore(heads[$1]) }
            guard let latest, let place = heads[latest] else { break }
            if spans[latest] == nil {
                spans[latest] = LogSpan(files[latest], endingWith: place, since: since)
            } else {
                spans[latest]?.extend(to: place)
            }
            lastCursor = lastCursor ?? place.line.cursor
            found += 1
            if place.line.stream == .note {
                notesInARow += 1
            } else {
                missing -= 1
                notesInARow = 0
            }
            bytes += Swift.min(Int64(place.range.count), Int64(LogSpan.longestLine))
            heads[latest] = tails[latest].next()
        }
        source = .spans(spans.compactMap(\.self))
        self.count = found
        self.lastCursor = lastCursor
        isComplete = heads.allSatisfy { $0 == nil } && !tails.contains(where: \.hasGivenUp)
    }

    /// An excerpt of lines in memory.
    package init(_ lines: [LogLine]) {
        source = .lines(lines)
        count = lines.count
        lastCursor = lines.last?.cursor
        isComplete = true
    }

    package func makeIterator() -> AnyIterator<LogLine> {
        switch source {
        case .lines(let lines): return AnyIterator(lines.makeIterator())
        case .spans(let spans):
            var readers = spans.map { LogSpanReader($0) }
            var heads = readers.indices.map { readers[$0].next() }
            return AnyIterator {
                let present = heads.indices.filter { heads[$0] != nil }
                let earliest = present.min {
                    heads[$0]?.cursor ?? .max < heads[$1]?.cursor ?? .max
                }
                guard let earliest else { return nil }
                defer { heads[earliest] = readers[earliest].next() }
                return heads[earliest]
            }
        }
    }
}

extension LogTail.Place? {
    fileprivate func isBefore(_ other: LogTail.Place?) -> Bool {
        guard let other else { return false }
        return self.map { $0.line.cursor < other.line.cursor } ?? true
    }
}

/// The lines of one log from its last to its first.
struct LogTail {
    /// The range of a line, and its parsed beginning.
    struct Place {
        let part: LogPart
        let range: Range<Int64>
        let line: LogLine
    }

    /// The most parts of a log that a plan can ask for.
    static let mostParts = 100
    /// The most bytes that are searched: a file without line breaks must not cost more.
    private static let mostScanned: Int64 = 16 << 20
    /// The time, the stream and the cursor of a line fit into this many bytes.
    private static let headLength = 64

    private let file: LogFile
    private let since: Timestamp?
    private let after: Int64?
    private let isBounded: Bool
    private var number = -1
    private var ranges: LineRanges?
    private var budget = Self.mostScanned

    /// An unbounded search may look at any number of lines, but between two of them at no more
    /// bytes than a bounded search in total.
    init(_ file: LogFile, since: Timestamp? = nil, after: Int64? = nil, isBounded: Bool = true) {
        self.file = file
        self.since = since
        self.after = after
        self.isBounded = isBounded
    }

    /// Whether lines may remain that weren't searched.
    var hasGivenUp: Bool { budget <= 0 }

    mutating func next() -> Place? {
        while budget > 0 {
            guard let range = ranges?.previous(&budget), let part = ranges?.part else {
                guard budget > 0, openNextPart() else { return nil }
                continue
            }
            let count = min(range.count, Self.headLength)
            guard let bytes = part.bytes(at: range.lowerBound, count),
                let line = LogFormat.parse(bytes, of: file.process)
            else { continue }
            // A line's cursor is never before its time.
            let first = since?.microseconds ?? .min
            guard line.cursor > after ?? .min, line.cursor >= first else { return nil }
            if !isBounded { budget = Self.mostScanned }
            if let since, line.time < since { continue }
            return Place(part: part, range: range, line: line)
        }
        return nil
    }

    private mutating func openNextPart() -> Bool {
        number += 1
        guard number <= Self.mostParts, let part = LogPart(file.part(number)) else { return false }
        ranges = LineRanges(part)
        return true
    }
}
