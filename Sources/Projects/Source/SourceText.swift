import PortlessCore

/// One file's bytes, with an index of its lines.
struct SourceText {
    let file: String
    let bytes: [UInt8]
    private let lineStarts: [Int]

    init(file: String, bytes: [UInt8]) {
        self.file = file
        self.bytes = bytes
        var starts = [0]
        for (offset, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") {
            starts.append(offset + 1)
        }
        lineStarts = starts
    }

    var lineCount: Int { lineStarts.count }

    func line(at offset: Int) -> Int {
        var low = 0
        var high = lineStarts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if lineStarts[middle] <= offset { low = middle } else { high = middle }
        }
        return low + 1
    }

    func location(_ range: Range<Int>) -> SourceLocation {
        SourceLocation(file: file, line: line(at: range.lowerBound), range: range)
    }

    func error(at offset: Int, _ reason: String) -> SourceError {
        SourceError(file: file, line: line(at: offset), reason: reason)
    }

    func overBudget(at offset: Int, _ reason: String = OverBudget.work) -> SourceError {
        var error = error(at: offset, reason)
        error.cause = .overBudget
        return error
    }

    func string(_ range: Range<Int>) -> String {
        String(decoding: bytes[range], as: UTF8.self)
    }

    /// The offsets of one line (counted from one), without its line break.
    func range(ofLine line: Int) -> Range<Int> {
        let start = lineStarts[line - 1]
        var end = line < lineStarts.count ? lineStarts[line] - 1 : bytes.count
        if end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        return start..<end
    }

    /// Each line with its number (counted from one) and its offsets.
    var lines: [(number: Int, range: Range<Int>)] {
        (1...lineCount).map { ($0, range(ofLine: $0)) }
    }
}
