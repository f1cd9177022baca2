import NIOHPACK

extension HPACKHeaders {
    /// Whether the fields certainly fit into one HEADERS frame.
    ///
    /// NIOHTTP2 sends no CONTINUATION frames. Fields that don't fit fail only after their encoding,
    /// which leaves the two ends of the session with different compression tables, so it can't go
    /// on.
    var fitOneFrame: Bool {
        var length = 0
        for (name, value, _) in self { length += name.utf8.count + value.utf8.count }
        let overhead = count * Self.overheadOfField
        // Huffman's longest code has 30 bits.
        if length * 4 + overhead <= HTTP2Limits.sentHeaderBlock { return true }
        guard length + overhead <= HTTP2Limits.sentHeaderBlock else { return false }
        var bound = overhead
        for (name, value, _) in self { bound += name.huffmanBound + value.huffmanBound }
        return bound <= HTTP2Limits.sentHeaderBlock
    }

    /// The first byte and the two lengths.
    private static let overheadOfField = 7
}

extension String {
    /// At most as many bytes as the string takes in Huffman's code (RFC 7541 appendix B).
    fileprivate var huffmanBound: Int {
        utf8.reduce(0) { sum, byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: sum + 1
            case .space, .comma, .slash, .colon, .semicolon: sum + 1
            // % & * - . = _
            case 0x25, 0x26, 0x2A, 0x2D, 0x2E, 0x3D, 0x5F: sum + 1
            default: sum + 4
            }
        }
    }
}
