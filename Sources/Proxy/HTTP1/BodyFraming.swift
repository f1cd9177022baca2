import NIOCore

/// How the length of a message's body is known (RFC 9112 section 6).
enum BodyFraming: Equatable, Sendable {
    case none
    case length(Int)
    case chunked
    /// Responses only: the body ends with the connection.
    case untilClose
}

/// The protocols that a request offers to switch to, as far as the app may see them.
enum UpgradeOffer: Sendable {
    case none
    /// The only protocol offered, in the client's own words.
    case asSent
    /// WebSocket, offered among others: the app could choose one of those, which the proxy must not
    /// tunnel.
    case webSocket
}

/// The fields that frame a body and control the connection, gathered in one pass.
struct FramingFields: Sendable {
    var contentLength: Int?
    var isChunked = false
    var closes = false
    var keepsAlive = false
    var nominatesUpgrade = false
    private var protocols = 0
    private var namesWebSocket = false
    private var namesHTTP2 = false
    private var nominations = 0

    /// The offer of the `Upgrade` fields that goes on to the app.
    var upgrade: UpgradeOffer {
        switch protocols {
        case 0: .none
        // Cleartext HTTP/2 isn't tunnelled: requests inside would pass the proxy unseen.
        case 1: namesHTTP2 ? .none : .asSent
        default: namesWebSocket ? .webSocket : .none
        }
    }

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
        case .connection: try readConnection(field.value, bytes, nominated: &nominated)
        case .upgrade: readUpgrade(field.value, bytes)
        default: break
        }
    }

    private mutating func readUpgrade(_ value: ByteRange, _ bytes: Span<UInt8>) {
        var tokens = CommaList(value)
        while let token = tokens.next(bytes) {
            protocols += 1
            if token.count == 9 && bytes.matches("websocket", at: token.start) {
                namesWebSocket = true
            }
            if token.count >= 3 && bytes.matches("h2c", at: token.start) { namesHTTP2 = true }
        }
    }

    private mutating func readConnection(
        _ value: ByteRange,
        _ bytes: Span<UInt8>,
        nominated: inout Bool,
    ) throws(HeadError) {
        var tokens = CommaList(value)
        while let token = tokens.next(bytes) {
            switch token.count {
            case 5 where bytes.matches("close", at: token.start): closes = true
            case 7 where bytes.matches("upgrade", at: token.start): nominatesUpgrade = true
            case 10 where bytes.matches("keep-alive", at: token.start): keepsAlive = true
            default:
                nominated = true
                nominations += 1
                // Each one is compared with each field.
                guard nominations <= HeadScanner.maximumFields else { throw .tooLarge }
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

/// How much of a request's body has come, and which bytes belong to it.
enum RequestBody {
    case complete
    case length(remaining: Int)
    case chunked(ChunkedDecoder)

    init(_ framing: BodyFraming) {
        switch framing {
        case .none, .untilClose: self = .complete
        case .length(let length): self = .length(remaining: length)
        case .chunked: self = .chunked(ChunkedDecoder())
        }
    }

    var isComplete: Bool {
        if case .complete = self { true } else { false }
    }

    /// Takes the next bytes of the body, as they came, off the front of `inbound`.
    ///
    /// - Returns: nil where more bytes are needed first.
    mutating func take(from inbound: inout ByteBuffer) throws(HeadError) -> ByteBuffer? {
        switch self {
        case .complete: return nil
        case .length(let remaining):
            let length = min(remaining, inbound.readableBytes)
            guard length > 0, let part = inbound.readSlice(length: length) else { return nil }
            self = length == remaining ? .complete : .length(remaining: remaining - length)
            return part
        case .chunked(var decoder):
            var position = 0
            var isAtEnd = false
            scan: while true {
                switch try decoder.next(inbound.readableBytesUInt8Span, &position) {
                case .data: continue
                case .end:
                    isAtEnd = true
                    break scan
                case .needMore: break scan
                }
            }
            self = isAtEnd ? .complete : .chunked(decoder)
            return position > 0 ? inbound.readSlice(length: position) : nil
        }
    }
}
