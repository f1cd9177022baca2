/// The error correction of QR codes: bytes as elements of GF(2⁸) (ISO/IEC 18004 section 7.5).
struct ReedSolomonCode {
    /// The coefficients of (x − 1)(x − 2)…(x − 2^(degree − 1)), the highest power, which is 1, left out.
    private let generator: [UInt8]

    init(degree: Int) {
        var generator = [UInt8](repeating: 0, count: degree - 1) + [1]
        var root: UInt8 = 1
        for _ in 0..<degree {
            for index in generator.indices {
                generator[index] = Self.product(generator[index], root)
                if index + 1 < degree { generator[index] ^= generator[index + 1] }
            }
            root = Self.product(root, 2)
        }
        self.generator = generator
    }

    /// The codewords that follow the data.
    func remainder(of data: some Sequence<UInt8>) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: generator.count)
        for byte in data {
            let factor = byte ^ result.removeFirst()
            result.append(0)
            for index in result.indices { result[index] ^= Self.product(generator[index], factor) }
        }
        return result
    }

    /// Modulo x⁸ + x⁴ + x³ + x² + 1.
    static func product(_ lhs: UInt8, _ rhs: UInt8) -> UInt8 {
        var result: UInt8 = 0
        for bit in (0..<8).reversed() {
            result = result << 1 ^ (result >> 7) * 0x1D
            result ^= (rhs >> UInt8(bit) & 1) * lhs
        }
        return result
    }
}
