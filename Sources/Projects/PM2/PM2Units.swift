import HostSystem
import PortlessCore

/// Times and sizes as PM2 lets people write them.
enum PM2Units {
    /// Milliseconds as a number, or `10s`, `5m`, `1h`.
    static func duration(_ text: String) -> Duration? {
        let text = text.trimmingBlanks.lowercased()
        let factors = [("ms", 1.0), ("s", 1000.0), ("m", 60_000.0), ("h", 3_600_000.0)]
        let factor = factors.first { text.hasSuffix($0.0) }
        let digits = factor.map { text.dropLast($0.0.count) } ?? text[...]
        guard let number = Double(digits), number >= 0, number < 1e12 else { return nil }
        return .clamped(milliseconds: Int64(clamping: number * (factor?.1 ?? 1)))
    }

    /// Bytes as a number, or `300M`, `1G`, `500K`.
    static func bytes(_ text: String) -> Int64? {
        var text = text.trimmingBlanks.uppercased()
        if text.hasSuffix("B") { text.removeLast() }
        let factors: [Character: Double] = ["K": 1024, "M": 1_048_576, "G": 1_073_741_824]
        let factor = text.last.flatMap { factors[$0] }
        if factor != nil { text.removeLast() }
        guard let number = Double(text), number > 0, number < 1e15 else { return nil }
        return Int64(clamping: number * (factor ?? 1))
    }
}
