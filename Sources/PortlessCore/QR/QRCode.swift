/// A QR code that holds a text as UTF-8 bytes, such as a URL for a phone (ISO/IEC 18004).
///
/// Byte mode only: URLs mix upper and lower case, which the alphanumeric mode can't hold.
package struct QRCode: Hashable, Sendable {
    /// The text needs more than the largest version holds.
    package struct TextTooLong: Error, Hashable, CustomStringConvertible {
        package let bytes: Int
        package let limit: Int

        package var description: String {
            "A QR code for a terminal holds \(limit) bytes, and the text has \(bytes)."
        }
    }

    /// How many modules each side has, without the quiet zone.
    package var size: Int { grid.size }
    package let version: QRVersion
    package let correction: QRCorrection
    /// Which of the eight patterns the data modules are combined with.
    let mask: Int
    private let grid: QRGrid

    /// Makes the smallest code for the text.
    ///
    /// `correction` is raised where the same size leaves room for it.
    package init(_ text: String, correction: QRCorrection = .low) throws(TextTooLong) {
        let bytes = Array(text.utf8)
        guard let version = QRVersion.all.first(where: { $0.capacity(correction) >= bytes.count })
        else {
            throw TextTooLong(bytes: bytes.count, limit: QRVersion.largest.capacity(correction))
        }
        let raised = QRCorrection.allCases.last { version.capacity($0) >= bytes.count }
        self.version = version
        self.correction = raised ?? correction
        let codewords = Self.interleaved(
            Self.dataCodewords(bytes, version, self.correction),
            version,
            self.correction,
        )
        var unmasked = QRGrid(version)
        unmasked.place(codewords)
        (mask, grid) = unmasked.bestMasked(self.correction)
    }

    /// Whether the module is dark; the quiet zone, which is all around the code, is light.
    package func isDark(row: Int, column: Int) -> Bool {
        let inside = 0..<size
        return inside.contains(row) && inside.contains(column) && grid[row, column]
    }

    /// Mode, length and text, and what fills the version up (section 7.4).
    private static func dataCodewords(
        _ bytes: [UInt8],
        _ version: QRVersion,
        _ correction: QRCorrection,
    ) -> [UInt8] {
        let capacity = version.dataCodewords(correction)
        var bits = BitString()
        bits.append(0b0100, count: 4)
        bits.append(bytes.count, count: version.lengthBits)
        for byte in bytes { bits.append(Int(byte), count: 8) }
        bits.append(0, count: min(4, capacity * 8 - bits.count))
        bits.append(0, count: (8 - bits.count % 8) % 8)
        let padding = (0..<(capacity - bits.bytes.count)).map { UInt8($0 % 2 == 0 ? 0xEC : 0x11) }
        return bits.bytes + padding
    }

    /// The data in blocks with their error correction, as the codewords follow one another in the
    /// code (section 7.6): the first of each block, the second of each, and so on.
    private static func interleaved(
        _ data: [UInt8],
        _ version: QRVersion,
        _ correction: QRCorrection,
    ) -> [UInt8] {
        let count = version.blocks(correction)
        let short = data.count / count
        let long = data.count % count
        let code = ReedSolomonCode(degree: version.correctionCodewords(correction))
        var blocks: [ArraySlice<UInt8>] = []
        var start = 0
        for index in 0..<count {
            let end = start + short + (index < count - long ? 0 : 1)
            blocks.append(data[start..<end])
            start = end
        }
        return columns(of: blocks) + columns(of: blocks.map { code.remainder(of: $0)[...] })
    }

    private static func columns(of blocks: [ArraySlice<UInt8>]) -> [UInt8] {
        (0..<(blocks.map(\.count).max() ?? 0)).flatMap { index in
            blocks.compactMap { $0.dropFirst(index).first }
        }
    }
}

/// How much of a code may be damaged: 7 % or 15 % of its codewords.
package enum QRCorrection: CaseIterable, Hashable, Sendable {
    case low, medium
}

/// Bits, the highest of each number first.
private struct BitString {
    private(set) var bytes: [UInt8] = []
    private(set) var count = 0

    mutating func append(_ value: Int, count added: Int) {
        for bit in (0..<added).reversed() {
            if count % 8 == 0 { bytes.append(0) }
            if value >> bit & 1 == 1 { bytes[count / 8] |= 0x80 >> UInt8(count % 8) }
            count += 1
        }
    }
}
