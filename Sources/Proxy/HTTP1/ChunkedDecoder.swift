/// Parses a chunked body (RFC 9112 section 7.1) byte by byte without storing any of it.
///
/// It reports the ranges of data and the end of the message, so that the relay can pass on the
/// validated bytes themselves, or only the data.
struct ChunkedDecoder: Equatable, Sendable {
    enum Event: Equatable {
        /// Data of a chunk: a range of the bytes given.
        case data(ByteRange)
        /// The trailer section's lines (without the last empty line) and the end of the body.
        case end(trailers: ByteRange)
        /// All bytes were read and more are needed.
        case needMore
    }

    private enum State: Equatable {
        case size(value: Int, digits: Int)
        /// Blanks after the size, which only an extension or the line's end may follow.
        case sizeBlanks
        case sizeExtension
        case sizeLineFeed
        case data(remaining: Int)
        case dataCarriageReturn
        case dataLineFeed
        case trailers(scanned: Int)
        case ended
    }

    /// Limit of a chunk extension; useful ones have a few bytes.
    private static let maximumExtension = 4096
    /// Limit of the trailer section.
    static let maximumTrailers = 16 * 1024

    private var state = State.size(value: 0, digits: 0)
    private var chunkSize = 0
    private var extensionLength = 0

    /// Reads on from `position`, which advances past the bytes of the event.
    ///
    /// Trailers are only consumed whole: with `.needMore` `position` stays at their first byte.
    mutating func next(
        _ bytes: Span<UInt8>,
        _ position: inout Int,
    ) throws(HeadError) -> Event {
        while position < bytes.count {
            let byte = bytes[position]
            switch state {
            case .size(let value, let digits):
                if let digit = byte.hexadecimalValue {
                    // Fifteen digits can't overflow, and no chunk needs more.
                    guard digits < 15 else { throw .malformed(.framing) }
                    state = .size(value: value << 4 | Int(digit), digits: digits + 1)
                } else {
                    guard digits > 0 else { throw .malformed(.framing) }
                    chunkSize = value
                    extensionLength = 0
                    state = try afterSize(byte)
                }
                position += 1
            case .sizeBlanks:
                state = try afterSize(byte)
                position += 1
            case .sizeExtension:
                extensionLength += 1
                if byte == .carriageReturn {
                    state = .sizeLineFeed
                } else if !byte.isFieldText || extensionLength > Self.maximumExtension {
                    throw .malformed(.framing)
                }
                position += 1
            case .sizeLineFeed:
                guard byte == .lineFeed else { throw .malformed(.framing) }
                state = chunkSize == 0 ? .trailers(scanned: 0) : .data(remaining: chunkSize)
                position += 1
            case .data(let remaining):
                let length = min(remaining, bytes.count - position)
                let range = ByteRange(start: position, end: position + length)
                position += length
                state =
                    length == remaining ? .dataCarriageReturn : .data(remaining: remaining - length)
                return .data(range)
            case .dataCarriageReturn:
                guard byte == .carriageReturn else { throw .malformed(.framing) }
                state = .dataLineFeed
                position += 1
            case .dataLineFeed:
                guard byte == .lineFeed else { throw .malformed(.framing) }
                state = .size(value: 0, digits: 0)
                position += 1
            case .trailers(let scanned): return try trailers(bytes, &position, scanned: scanned)
            case .ended: return .needMore
            }
        }
        return .needMore
    }

    /// The state after `byte`, which follows the size's digits or the blanks after them.
    ///
    /// Parsers disagree about the size in `5 5`, so anything else is an error.
    private mutating func afterSize(_ byte: UInt8) throws(HeadError) -> State {
        extensionLength += 1
        guard extensionLength <= Self.maximumExtension else { throw .malformed(.framing) }
        switch byte {
        case .carriageReturn: return .sizeLineFeed
        case .semicolon: return .sizeExtension
        case .space, .tab: return .sizeBlanks
        default: throw .malformed(.framing)
        }
    }

    private mutating func trailers(
        _ bytes: Span<UInt8>,
        _ position: inout Int,
        scanned: Int,
    ) throws(HeadError) -> Event {
        let rest = bytes.count - position
        guard
            scanned < 2
                || HeadScanner.mayBeComplete(
                    bytes.extracting(position..<bytes.count),
                    scanned: scanned,
                )
        else { return try waitForTrailers(rest) }
        var fields: [HeaderField] = []
        guard let end = try HeadScanner.scanFields(bytes, from: position, into: &fields) else {
            return try waitForTrailers(rest)
        }
        // A trailer must never be taken for framing or routing (RFC 9110 section 6.5.1).
        for field in fields where field.known != .other { throw .malformed(.framing) }
        let range = ByteRange(start: position, end: end - 2)
        position = end
        state = .ended
        return .end(trailers: range)
    }

    private mutating func waitForTrailers(_ rest: Int) throws(HeadError) -> Event {
        guard rest < Self.maximumTrailers else { throw .tooLarge }
        state = .trailers(scanned: rest)
        return .needMore
    }
}
