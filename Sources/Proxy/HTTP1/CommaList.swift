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
