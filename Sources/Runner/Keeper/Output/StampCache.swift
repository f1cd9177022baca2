import PortlessCore

/// Writes time stamps, whose larger part is the same for many lines in a row.
struct StampCache {
    private var second: Int64 = .min
    private var prefix: [UInt8] = []

    mutating func append(_ time: Int64, to buffer: inout [UInt8]) {
        // Rounded down before 1970, too.
        let current = (time >= 0 ? time : time - 999_999) / 1_000_000
        if current != second {
            second = current
            prefix = Array(LogStamp.text(current * 1_000_000).utf8.prefix(20))
        }
        buffer.append(contentsOf: prefix)
        var fraction = time - current * 1_000_000
        var divisor: Int64 = 100_000
        while divisor > 0 {
            buffer.append(0x30 + UInt8(truncatingIfNeeded: fraction / divisor))
            fraction %= divisor
            divisor /= 10
        }
        buffer.append(UInt8(ascii: "Z"))
    }
}
