/// Cuts a stream of bytes into whole lines.
struct LineSplitter {
    /// A line longer than this is passed on in pieces, so that memory stays bounded.
    private let longest: Int
    private var pending: [UInt8] = []

    init(longest: Int = 64 << 10) {
        self.longest = longest
    }

    /// The lines that are complete now, without their ends.
    mutating func append(_ bytes: some Sequence<UInt8>) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                if pending.last == UInt8(ascii: "\r") { pending.removeLast() }
                lines.append(pending)
                pending.removeAll(keepingCapacity: true)
            } else {
                pending.append(byte)
                if pending.count >= longest {
                    lines.append(pending)
                    pending.removeAll(keepingCapacity: true)
                }
            }
        }
        return lines
    }

    /// What is left when the stream ends in the middle of a line.
    mutating func finish() -> [UInt8]? {
        defer { pending.removeAll() }
        return pending.isEmpty ? nil : pending
    }
}
