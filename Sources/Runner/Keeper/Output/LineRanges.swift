/// Finds the lines of a file from its last to its first, with only one block in memory.
struct LineRanges {
    /// There is one such block for each process of an app.
    private static let blockSize = 16 << 10

    let part: LogPart
    private var block: [UInt8] = []
    /// The block's offset in the file.
    private var start: Int64
    /// How much of the block is still to be searched.
    private var rest = 0
    /// The end of the next line; nil until the last line's end is found, since an unfinished line
    /// doesn't count.
    private var end: Int64?
    private var isAtBeginning = false

    init(_ part: LogPart) {
        self.part = part
        start = part.size
    }

    /// The line before the last one that was returned, without its line break.
    ///
    /// Nil at the beginning of the file, or once `budget`, in bytes, is used up.
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
