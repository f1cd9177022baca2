/// The character classes of RFC 9110 section 5.6, as bit sets of the ASCII range.
extension UInt8 {
    static let tab: UInt8 = 0x09
    static let lineFeed: UInt8 = 0x0A
    static let carriageReturn: UInt8 = 0x0D
    static let space: UInt8 = 0x20
    static let comma: UInt8 = 0x2C
    static let slash: UInt8 = 0x2F
    static let colon: UInt8 = 0x3A
    static let semicolon: UInt8 = 0x3B
    static let questionMark: UInt8 = 0x3F

    /// `tchar`: a character of methods and field names.
    @inline(__always)
    var isTokenCharacter: Bool {
        // ! # $ % & ' * + - . 0-9 in the first word; A-Z ^ _ ` a-z | ~ in the second.
        let word: UInt64 = self < 64 ? 0x03FF_6CFA_0000_0000 : 0x57FF_FFFF_C7FF_FFFE
        return self < 128 && (word >> UInt64(self & 63)) & 1 == 1
    }

    /// `field-vchar`, space or tab: no control characters; bytes above ASCII pass as they are.
    @inline(__always)
    var isFieldText: Bool { (self >= 0x20 && self != 0x7F) || self == .tab }

    /// Visible bytes, those above ASCII included: a character of request targets.
    @inline(__always)
    var isVisible: Bool { self > 0x20 && self != 0x7F }

    @inline(__always)
    var isBlank: Bool { self == .space || self == .tab }

    @inline(__always)
    var isDigit: Bool { self &- 0x30 < 10 }

    /// An ASCII letter in lower case; any other byte as it is.
    @inline(__always)
    var lowercased: UInt8 { self &- 0x41 < 26 ? self | 0x20 : self }

    @inline(__always)
    var hexadecimalValue: UInt8? {
        switch self {
        case 0x30...0x39: self - 0x30
        case 0x41...0x46: self - 0x41 + 10
        case 0x61...0x66: self - 0x61 + 10
        default: nil
        }
    }
}
