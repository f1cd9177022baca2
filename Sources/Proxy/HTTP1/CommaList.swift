/// The non-empty elements of a comma-separated field value (RFC 9110 section 5.6.1), as ranges.
struct CommaList: Sequence, IteratorProtocol {
    private var ranges: ArraySlice<ByteRange>

    init(_ bytes: Span<UInt8>, _ value: ByteRange) {
        var found: [ByteRange] = []
        var start = value.start
        for index in value.start...value.end where index == value.end || bytes[index] == .comma {
            var element = ByteRange(start: start, end: index)
            while element.start < element.end, bytes[element.start].isBlank { element.start += 1 }
            while element.start < element.end, bytes[element.end - 1].isBlank { element.end -= 1 }
            if !element.isEmpty { found.append(element) }
            start = index + 1
        }
        ranges = found[...]
    }

    mutating func next() -> ByteRange? { ranges.popFirst() }
}

extension Array where Element == HeaderField {
    /// Marks the fields that the `Connection` fields name as being about this connection only.
    mutating func markNominated(_ bytes: Span<UInt8>) {
        for connection in self where connection.known == .connection {
            for token in CommaList(bytes, connection.value) {
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
    /// Fields that `Connection` can't take away, for the message would mean something else.
    fileprivate var isEndToEndAlways: Bool {
        switch self {
        case .host, .contentLength, .transferEncoding, .xPortlessHops: true
        default: false
        }
    }
}
