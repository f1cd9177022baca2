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
