import NIOCore

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
