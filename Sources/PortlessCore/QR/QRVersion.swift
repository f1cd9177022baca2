/// One of the sizes of QR codes (ISO/IEC 18004, tables 1, 7 and 9).
///
/// Up to 20, which holds 858 bytes and is 97 modules wide: a larger one fits no terminal.
package struct QRVersion: Hashable, Sendable {
    package let number: Int

    private init(_ number: Int) {
        self.number = number
    }

    static let all = (1...20).map { QRVersion($0) }
    static let largest = QRVersion(20)

    /// Modules on each side.
    var size: Int { 17 + 4 * number }
    /// How many bits the length of the text takes.
    var lengthBits: Int { number < 10 ? 8 : 16 }

    /// The centres of the alignment patterns, in rows and columns alike.
    var alignmentCentres: [Int] {
        guard number > 1 else { return [] }
        let gaps = number / 7 + 1
        // All gaps but the first are the same even number.
        let step = (size - 13 + gaps * 2 - 1) / (gaps * 2) * 2
        return [6] + (0..<gaps).reversed().map { size - 7 - $0 * step }
    }

    /// How many bytes of text fit.
    package func capacity(_ correction: QRCorrection) -> Int {
        (dataCodewords(correction) * 8 - 4 - lengthBits) / 8
    }

    func dataCodewords(_ correction: QRCorrection) -> Int {
        codewords - correctionCodewords(correction) * blocks(correction)
    }

    /// All codewords: what the function patterns leave of the modules.
    private var codewords: Int {
        var modules = size * size - 3 * 64 - 2 * 15 - 1 - 2 * (size - 16)
        let centres = alignmentCentres.count
        if centres > 0 {
            // Without the three corners; those on a timing pattern share five modules with it.
            modules -= (centres * centres - 3) * 25 - (centres - 2) * 2 * 5
        }
        if number >= 7 { modules -= 2 * 18 }
        return modules / 8
    }

    /// Codewords of error correction in each block.
    func correctionCodewords(_ correction: QRCorrection) -> Int {
        switch correction {
        case .low: Self.lowCodewords[number - 1]
        case .medium: Self.mediumCodewords[number - 1]
        }
    }

    func blocks(_ correction: QRCorrection) -> Int {
        switch correction {
        case .low: Self.lowBlocks[number - 1]
        case .medium: Self.mediumBlocks[number - 1]
        }
    }

    private static let lowCodewords = [
        7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28,
    ]
    private static let mediumCodewords = [
        10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26,
    ]
    private static let lowBlocks = [1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8]
    private static let mediumBlocks = [
        1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16,
    ]
}
