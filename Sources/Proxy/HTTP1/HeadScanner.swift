/// Reads the lines of a message head in place, strictly as RFC 9112 writes them.
///
/// Lines end in CR LF and nothing else; a bare CR or LF, NUL, other control characters, white
/// space before the colon and folded lines are refused, because any of them can make two parsers
/// see two different messages.
enum HeadScanner {
    /// Limit of a head's size in bytes, on both HTTP versions.
    static let maximumSize = 64 * 1024
    /// Limit of the number of fields; honest browsers send some thirty.
    static let maximumFields = 512

    /// Appends the field lines from `start` on, up to the empty line.
    ///
    /// - Returns: the offset after the empty line, or nil where the head isn't complete.
    static func scanFields(
        _ bytes: Span<UInt8>,
        from start: Int,
        into fields: inout [HeaderField],
    ) throws(HeadError) -> Int? {
        let count = bytes.count
        var position = start
        while true {
            guard position < count else { return nil }
            let first = bytes[position]
            if first == .carriageReturn {
                guard position + 1 < count else { return nil }
                guard bytes[position + 1] == .lineFeed else { throw .malformed(.lineEnding) }
                return position + 2
            }
            if first == .space || first == .tab { throw .malformed(.foldedField) }

            var cursor = position
            while cursor < count, bytes[cursor].isTokenCharacter { cursor += 1 }
            guard cursor < count else { return nil }
            guard bytes[cursor] == .colon, cursor > position else { throw .malformed(.fieldName) }
            let name = ByteRange(start: position, end: cursor)
            cursor += 1
            while cursor < count, bytes[cursor].isBlank { cursor += 1 }
            let valueStart = cursor
            cursor = endOfText(bytes, from: cursor)
            guard cursor < count else { return nil }
            guard bytes[cursor] == .carriageReturn else { throw .malformed(.fieldValue) }
            guard cursor + 1 < count else { return nil }
            guard bytes[cursor + 1] == .lineFeed else { throw .malformed(.lineEnding) }
            var valueEnd = cursor
            while valueEnd > valueStart, bytes[valueEnd - 1].isBlank { valueEnd -= 1 }
            guard fields.count < maximumFields else { throw .tooLarge }
            fields.append(
                HeaderField(
                    line: ByteRange(start: position, end: cursor + 2),
                    name: name,
                    value: ByteRange(start: valueStart, end: valueEnd),
                    known: FieldName(bytes, name),
                )
            )
            position = cursor + 2
        }
    }

    /// The offset of the first byte from `start` on that can't stand in a field's value.
    @inline(__always)
    static func endOfText(_ bytes: Span<UInt8>, from start: Int) -> Int {
        let count = bytes.count
        let words = bytes.bytes
        var cursor = start
        while cursor + 8 <= count {
            let word = UInt64(
                littleEndian: words.unsafeLoadUnaligned(fromByteOffset: cursor, as: UInt64.self)
            )
            let suspects = controls(word)
            if suspects == 0 {
                cursor += 8
                continue
            }
            cursor += suspects.trailingZeroBitCount / 8
            guard bytes[cursor].isFieldText else { return cursor }
            cursor += 1
        }
        while cursor < count, bytes[cursor].isFieldText { cursor += 1 }
        return cursor
    }

    /// Marks with its highest bit the first byte of the word that is a control character.
    ///
    /// A subtraction borrows into the sign bit of a byte below 0x20, and, after the exclusive or,
    /// of 0x7F; a borrow that runs on can only mark bytes after the first one.
    @inline(__always)
    private static func controls(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let deletes = word ^ (ones &* 0x7F)
        return ((word &- ones &* 0x20) & ~word | (deletes &- ones) & ~deletes) & (ones &* 0x80)
    }

    /// Whether an empty line ends anywhere in the bytes that came since `scanned`.
    ///
    /// A head that trickles in is parsed only once it is whole, which keeps the work linear.
    static func mayBeComplete(_ bytes: Span<UInt8>, scanned: Int) -> Bool {
        var cursor = max(scanned - 3, 0)
        while cursor + 3 < bytes.count {
            if bytes[cursor + 3] != .lineFeed {
                cursor += 1
            } else if bytes[cursor + 2] == .carriageReturn && bytes[cursor + 1] == .lineFeed {
                return true
            } else {
                cursor += 1
            }
        }
        return false
    }
}

/// Why a message head was refused.
enum HeadError: Error, Equatable {
    case malformed(Reason)
    case tooLarge
    case unsupportedVersion
    case unsupportedTransferCoding
    case unsupportedMethod

    enum Reason: String {
        case startLine = "malformed start line"
        case fieldName = "malformed field name"
        case fieldValue = "malformed field value"
        case lineEnding = "line not ended by CR LF"
        case foldedField = "folded header field"
        case target = "malformed request target"
        case host = "missing, repeated or malformed Host"
        case contentLength = "malformed or repeated Content-Length"
        case framing = "ambiguous body length"
        case hops = "malformed x-portless-hops"
        case upgrade = "switched protocols without being asked to"
    }
}

extension HeadError {
    /// The reason, for a log line or an error page.
    var explanation: String {
        switch self {
        case .malformed(let reason): reason.rawValue
        case .tooLarge: "header larger than \(HeadScanner.maximumSize / 1024) KiB"
        case .unsupportedVersion: "unsupported HTTP version"
        case .unsupportedTransferCoding: "unsupported transfer coding"
        case .unsupportedMethod: "method not supported by a proxy of this kind"
        }
    }

    /// The status that a client gets for such a request.
    var status: Int {
        switch self {
        case .malformed: 400
        case .tooLarge: 431
        case .unsupportedVersion: 505
        case .unsupportedTransferCoding, .unsupportedMethod: 501
        }
    }
}

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
