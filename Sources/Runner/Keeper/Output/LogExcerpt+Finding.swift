import HostSystem
import PortlessCore
import SystemPackage

extension LogExcerpt {
    package static let mostLines = 10_000
    /// More text than this no answer has.
    private static let mostBytes: Int64 = 8 << 20
    /// More than this is not looked at for one answer: a file without lines has nothing to find.
    private static let mostScanned: Int64 = 16 << 20
    /// A keeper's lines are shorter; of another one only its beginning counts.
    static let longestLine = LineSplitter.longestOutput + 256
    /// The time, the stream and the cursor of a line are within these bytes.
    private static let headLength: Int64 = 64

    /// The last `count` lines of all files together, only those later than `after` of their process.
    init(
        of files: [LogFile],
        last count: Int,
        after: (_ process: String) -> Int64? = { _ in nil },
    ) {
        var budget = count > 0 ? Self.mostScanned : 0
        var bytes: Int64 = 0
        var places: [Place] = []
        let tails = files.enumerated().map { index, file in
            Tail(file, index, after: after(file.process))
        }
        for tail in tails { tail.advance(&budget) }
        while places.count < count, bytes < Self.mostBytes {
            let latest = tails.max { $0.cursor < $1.cursor }
            guard let latest, let place = latest.place else { break }
            places.append(place)
            let length = place.range.upperBound - place.range.lowerBound
            bytes += Swift.min(length, Int64(Self.longestLine))
            latest.advance(&budget)
        }
        let isComplete = budget > 0 && tails.allSatisfy { $0.place == nil }
        self.init(places.reversed(), of: files, isComplete: isComplete)
    }

    /// The lines of one process from its last to its first.
    private final class Tail {
        /// A plan can't ask for more parts of a log.
        private static let mostParts = 100

        private(set) var place: Place?
        private let file: LogFile
        private let index: Int
        private let after: Int64?
        private var part = -1
        private var ranges: LineRanges?

        init(_ file: LogFile, _ index: Int, after: Int64?) {
            self.file = file
            self.index = index
            self.after = after
        }

        var cursor: Int64 { place?.cursor ?? .min }

        func advance(_ budget: inout Int64) {
            place = nil
            while budget > 0 {
                guard let range = ranges?.previous(&budget) else {
                    guard budget > 0, openNextPart() else { return }
                    continue
                }
                guard let (inode, cursor) = head(range) else { continue }
                if let after, cursor <= after {
                    ranges = nil
                    return
                }
                place = Place(
                    file: index,
                    part: part,
                    inode: inode,
                    range: range,
                    cursor: cursor,
                )
                return
            }
        }

        private func openNextPart() -> Bool {
            part += 1
            guard part <= Self.mostParts, let next = LogPart(file.part(part)) else { return false }
            ranges = LineRanges(next)
            return true
        }

        private func head(_ range: Range<Int64>) -> (inode: UInt64, cursor: Int64)? {
            guard let part = ranges?.part else { return nil }
            let count = Int(Swift.min(range.upperBound - range.lowerBound, LogExcerpt.headLength))
            guard let bytes = part.bytes(at: range.lowerBound, count),
                let line = LogFile.parse(bytes, file.process)
            else { return nil }
            return (part.inode, line.cursor)
        }
    }
}
