/// Where the lines of a file are, from its last to its first; only one block is in memory.
struct LineRanges {
    /// As many of these are in memory as an app has processes.
    private static let blockSize = 16 << 10

    let part: LogPart
    private var block: [UInt8] = []
    /// Where the block begins in the file.
    private var start: Int64
    /// How much of the block wasn't searched yet.
    private var rest = 0
    /// Where the line ends that comes next; nil until the last line's end is found: what isn't
    /// ended yet is no line yet.
    private var end: Int64?
    private var isAtBeginning = false

    init(_ part: LogPart) {
        self.part = part
        start = part.size
    }

    /// The line before the last one that was returned, without its end.
    ///
    /// Nil at the beginning of the file, or once `budget`, which counts bytes, is used up.
    mutating func previous(_ budget: inout Int64) -> Range<Int64>? {
        if end == nil { end = previousNewline(&budget) }
        guard let end else { return nil }
        if let newline = previousNewline(&budget) {
            self.end = newline
            return newline + 1..<end
        }
        guard isAtBeginning else { return nil }
        self.end = nil
        return 0..<end
    }

    private mutating func previousNewline(_ budget: inout Int64) -> Int64? {
        while true {
            let found = block.withUnsafeBufferPointer { $0[..<rest].lastIndex(of: 0x0A) }
            if let found {
                rest = found
                return start + Int64(found)
            }
            guard fill(&budget) else { return nil }
        }
    }

    private mutating func fill(_ budget: inout Int64) -> Bool {
        let count = Int(min(Int64(Self.blockSize), start))
        isAtBeginning = count == 0
        guard count > 0, budget > 0 else { return false }
        budget -= Int64(count)
        guard let bytes = part.bytes(at: start - Int64(count), count) else { return false }
        block = bytes
        rest = count
        start -= Int64(count)
        return true
    }
}
