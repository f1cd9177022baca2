/// A half-open range of byte offsets within one message, so that a parsed head needs no copies.
struct ByteRange: Equatable, Sendable {
    var start: Int
    var end: Int

    static let empty = ByteRange(start: 0, end: 0)

    var count: Int { end - start }
    var isEmpty: Bool { start == end }
}

/// One field line of a head, as offsets.
struct HeaderField: Sendable {
    /// The whole line, its CRLF included.
    var line: ByteRange
    var name: ByteRange
    /// Without the white space around it.
    var value: ByteRange
    var known: FieldName
    /// Named by a `Connection` field, so about this connection only.
    var isNominated = false
}

/// The header fields that the proxy acts on; all others pass through unread.
enum FieldName: UInt8, Sendable {
    case other
    case connection
    case contentLength
    case expect
    case host
    case keepAlive
    case proxyConnection
    case te
    case trailer
    case transferEncoding
    case upgrade
    case xForwardedFor
    case xForwardedHost
    case xForwardedPort
    case xForwardedPrefix
    case xForwardedProto
    case xPortless
    case xPortlessHops

    /// Recognises a name that is known to consist of token characters.
    @inline(__always)
    init(_ bytes: Span<UInt8>, _ name: ByteRange) {
        switch name.count {
        case 2: self = bytes.matches("te", at: name.start) ? .te : .other
        case 4: self = bytes.matches("host", at: name.start) ? .host : .other
        case 6: self = bytes.matches("expect", at: name.start) ? .expect : .other
        case 7:
            if bytes.matches("upgrade", at: name.start) {
                self = .upgrade
            } else {
                self = bytes.matches("trailer", at: name.start) ? .trailer : .other
            }
        case 10:
            if bytes.matches("connection", at: name.start) {
                self = .connection
            } else if bytes.matches("keep-alive", at: name.start) {
                self = .keepAlive
            } else {
                self = bytes.matches("x-portless", at: name.start) ? .xPortless : .other
            }
        case 14: self = bytes.matches("content-length", at: name.start) ? .contentLength : .other
        case 15:
            if bytes.matches("x-forwarded-for", at: name.start) {
                self = .xForwardedFor
            } else {
                self = bytes.matches("x-portless-hops", at: name.start) ? .xPortlessHops : .other
            }
        case 16:
            if bytes.matches("x-forwarded-host", at: name.start) {
                self = .xForwardedHost
            } else if bytes.matches("x-forwarded-port", at: name.start) {
                self = .xForwardedPort
            } else {
                self =
                    bytes.matches("proxy-connection", at: name.start) ? .proxyConnection : .other
            }
        case 17:
            if bytes.matches("transfer-encoding", at: name.start) {
                self = .transferEncoding
            } else {
                self =
                    bytes.matches("x-forwarded-proto", at: name.start) ? .xForwardedProto : .other
            }
        case 18:
            self =
                bytes.matches("x-forwarded-prefix", at: name.start) ? .xForwardedPrefix : .other
        default: self = .other
        }
    }

    /// Fields that are about one connection only (RFC 9110 section 7.6.1), so never passed on.
    ///
    /// `Transfer-Encoding` is judged with the framing instead: a chunked body is passed on chunked.
    var isHopByHop: Bool {
        switch self {
        case .connection, .keepAlive, .proxyConnection, .te, .upgrade: true
        default: false
        }
    }
}

extension Span<UInt8> {
    /// Whether the bytes at `offset` are `text` (lower-case letters and hyphens), in any case.
    ///
    /// The bytes must already be known to be token characters: only then does setting bit 5 fold
    /// letters and leave the hyphen alone without letting other bytes through.
    @inline(__always)
    func matches(_ text: StaticString, at offset: Int) -> Bool {
        text.withUTF8Buffer { expected in
            for index in 0..<expected.count where self[offset + index] | 0x20 != expected[index] {
                return false
            }
            return true
        }
    }
}

/// The non-empty elements of a comma-separated field value (RFC 9110 section 5.6.1), as ranges.
struct CommaList {
    private var rest: ByteRange

    init(_ value: ByteRange) {
        rest = value
    }

    mutating func next(_ bytes: Span<UInt8>) -> ByteRange? {
        while !rest.isEmpty {
            var element = ByteRange(start: rest.start, end: rest.start)
            while element.end < rest.end, bytes[element.end] != .comma { element.end += 1 }
            rest.start = min(element.end + 1, rest.end)
            while element.start < element.end, bytes[element.start].isBlank { element.start += 1 }
            while element.start < element.end, bytes[element.end - 1].isBlank { element.end -= 1 }
            if !element.isEmpty { return element }
        }
        return nil
    }
}

extension Array where Element == HeaderField {
    /// Marks the fields that the `Connection` fields name as being about this connection only.
    mutating func markNominated(_ bytes: Span<UInt8>) {
        for connection in self where connection.known == .connection {
            var tokens = CommaList(connection.value)
            while let token = tokens.next(bytes) {
                for index in indices where self[index].name.count == token.count {
                    let name = self[index].name
                    let isSame = (0..<name.count).allSatisfy { offset in
                        bytes[name.start + offset].lowercased
                            == bytes[token.start + offset].lowercased
                    }
                    // A message that nominates its own framing or Host would lose it.
                    guard isSame, !self[index].known.isEndToEndAlways else { continue }
                    self[index].isNominated = true
                }
            }
        }
    }
}

extension FieldName {
    /// Fields that `Connection` can't remove: the message would change its meaning, or the app
    /// would lose information about the client.
    fileprivate var isEndToEndAlways: Bool {
        switch self {
        case .host, .contentLength, .transferEncoding, .xForwardedFor, .xForwardedHost,
            .xForwardedPort, .xForwardedProto, .xPortlessHops:
            true
        default: false
        }
    }
}
