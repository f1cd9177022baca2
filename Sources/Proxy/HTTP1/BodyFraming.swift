/// How the length of a message's body is known (RFC 9112 section 6).
enum BodyFraming: Equatable, Sendable {
    case none
    case length(Int)
    case chunked
    /// Responses only: the body ends with the connection.
    case untilClose
}

/// What the fields that frame a body and steer the connection say, gathered in one pass.
struct FramingFields: Sendable {
    var contentLength: Int?
    var isChunked = false
    var closes = false
    var keepsAlive = false
    var hasUpgrade = false
    var nominatesUpgrade = false

    /// Reads one field, and marks in `nominated` whether a `Connection` field named others.
    @inline(__always)
    mutating func read(
        _ field: HeaderField,
        _ bytes: Span<UInt8>,
        nominated: inout Bool,
    ) throws(HeadError) {
        switch field.known {
        case .contentLength:
            guard contentLength == nil, let length = Self.decimal(bytes, field.value) else {
                throw .malformed(.contentLength)
            }
            contentLength = length
        case .transferEncoding:
            // A list of codings, or a second field, is more than any development server sends
            // and a favourite of request smuggling.
            guard !isChunked else { throw .malformed(.framing) }
            guard field.value.count == 7, bytes.matches("chunked", at: field.value.start) else {
                throw .unsupportedTransferCoding
            }
            isChunked = true
        case .connection: readConnection(field.value, bytes, nominated: &nominated)
        case .upgrade:
            // Cleartext HTTP/2 isn't tunnelled: requests inside would pass the proxy unseen.
            let isHTTP2 = field.value.count >= 3 && bytes.matches("h2c", at: field.value.start)
            if !isHTTP2 { hasUpgrade = true }
        default: break
        }
    }

    private mutating func readConnection(
        _ value: ByteRange,
        _ bytes: Span<UInt8>,
        nominated: inout Bool,
    ) {
        var tokens = CommaList(value)
        while let token = tokens.next(bytes) {
            switch token.count {
            case 5 where bytes.matches("close", at: token.start): closes = true
            case 7 where bytes.matches("upgrade", at: token.start): nominatesUpgrade = true
            case 10 where bytes.matches("keep-alive", at: token.start): keepsAlive = true
            default: nominated = true
            }
        }
    }

    /// A decimal number of at most 18 digits, so that it can't overflow.
    static func decimal(_ bytes: Span<UInt8>, _ range: ByteRange) -> Int? {
        guard (1...18).contains(range.count) else { return nil }
        var number = 0
        for index in range.start..<range.end {
            guard bytes[index].isDigit else { return nil }
            number = number &* 10 &+ Int(bytes[index] &- 0x30)
        }
        return number
    }
}
