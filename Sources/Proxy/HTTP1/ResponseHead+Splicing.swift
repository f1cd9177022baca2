import NIOCore

/// How a response's body is framed for an HTTP/1 client, which may differ from the upstream's way.
enum ClientFraming: Equatable, Sendable {
    /// As the upstream framed it.
    case same
    /// The upstream ends the body by closing; the client gets chunks, so that it notices a break.
    case chunked
    /// The client is HTTP/1.0: what the upstream sends in chunks ends with the connection.
    case untilClose
}

extension ResponseHead {
    /// Writes the head as an HTTP/1 client gets it.
    func splice(
        _ bytes: Span<UInt8>,
        framing: ClientFraming,
        connection: ClientConnectionField,
        to out: inout ByteBuffer,
    ) {
        var runStart = 0
        if bytes[statusLine.start - 2] != UInt8(ascii: "1") {
            out.writeStaticString("HTTP/1.1 ")
            runStart = statusLine.start
        }
        for field in fields where field.known != .other || field.isNominated {
            guard isDropped(field, framing) else { continue }
            out.writeRange(ByteRange(start: runStart, end: field.line.start), of: bytes)
            runStart = field.line.end
        }
        out.writeRange(ByteRange(start: runStart, end: length - 2), of: bytes)
        if framing == .chunked { out.writeStaticString("transfer-encoding: chunked\r\n") }
        switch connection {
        case .none: break
        case .close: out.writeStaticString("connection: close\r\n")
        case .keepAlive: out.writeStaticString("connection: keep-alive\r\n")
        case .upgrade: out.writeStaticString("connection: Upgrade\r\n")
        }
        // A 101 hands the connection over, so its fields are between the two ends.
        out.writeStaticString(isUpgrade ? "\r\n" : "X-Portless: 1\r\n\r\n")
    }

    private func isDropped(_ field: HeaderField, _ framing: ClientFraming) -> Bool {
        switch field.known {
        case .upgrade: !isUpgrade && status != 426
        case .transferEncoding: framing == .untilClose || hasNoBodyByStatus
        case .xPortless: true
        case .te: false
        default: field.known.isHopByHop || field.isNominated
        }
    }
}

/// The `Connection` field of a response to an HTTP/1 client.
enum ClientConnectionField: Equatable, Sendable {
    case none
    case close
    /// Sent only to HTTP/1.0 clients that asked for it.
    case keepAlive
    case upgrade
}
