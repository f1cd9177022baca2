/// A parsed response head: ranges into the bytes that it was read from, nothing copied.
struct ResponseHead: Sendable {
    var status = 0
    /// The status code and the reason phrase as they came, such as `404 Not Found`.
    var statusLine = ByteRange.empty
    var minorVersion = 1
    var fields: [HeaderField] = []
    /// Bytes of the whole head, its empty line included.
    var length = 0
    var framing = BodyFraming.none
    /// Whether the upstream will take another request on this connection.
    var keepsAlive = true
    var isUpgrade = false

    init() {
        fields.reserveCapacity(32)
    }

    /// An interim answer (RFC 9110 section 15.2); 101 is final, for it ends HTTP.
    var isInterim: Bool { (100..<200).contains(status) && status != 101 }

    /// Whether the status alone says that no body follows (RFC 9112 section 6.3).
    var hasNoBodyByStatus: Bool { status < 200 || status == 204 || status == 304 }

    /// Reads a response head that begins at the first byte.
    ///
    /// - Returns: false where the head isn't complete; what was read so far is then void.
    mutating func parse(
        _ bytes: Span<UInt8>,
        answering method: MethodKind,
    ) throws(HeadError) -> Bool {
        fields.removeAll(keepingCapacity: true)
        guard bytes.count >= 13 else { return try incomplete(bytes) }
        minorVersion = try HTTPVersion.minor(bytes, at: 0)
        guard bytes[8] == .space, bytes[9].isDigit, bytes[10].isDigit, bytes[11].isDigit else {
            throw .malformed(.startLine)
        }
        status = (9...11).reduce(0) { $0 * 10 + Int(bytes[$1] - 0x30) }
        guard (100...599).contains(status) else { throw .malformed(.startLine) }
        let end = HeadScanner.endOfText(bytes, from: 12)
        guard end + 1 < bytes.count else { return try incomplete(bytes) }
        // Some servers leave out the space before an empty reason.
        guard bytes[12] == .space || end == 12, bytes[end] == .carriageReturn,
            bytes[end + 1] == .lineFeed
        else { throw .malformed(.startLine) }
        statusLine = ByteRange(start: 9, end: end)
        guard let headEnd = try HeadScanner.scanFields(bytes, from: end + 2, into: &fields) else {
            return try incomplete(bytes)
        }
        guard headEnd <= HeadScanner.maximumSize else { throw .tooLarge }
        length = headEnd
        try interpret(bytes, answering: method)
        return true
    }

    private func incomplete(_ bytes: Span<UInt8>) throws(HeadError) -> Bool {
        guard bytes.count < HeadScanner.maximumSize else { throw .tooLarge }
        return false
    }

    private mutating func interpret(
        _ bytes: Span<UInt8>,
        answering method: MethodKind,
    ) throws(HeadError) {
        var found = FramingFields()
        var nominates = false
        for index in fields.indices where fields[index].known != .other {
            try found.read(fields[index], bytes, nominated: &nominates)
        }
        if nominates { fields.markNominated(bytes) }
        isUpgrade = status == 101
        keepsAlive = minorVersion == 1 ? !found.closes : found.keepsAlive && !found.closes
        guard !(found.isChunked && (found.contentLength != nil || minorVersion == 0)) else {
            throw .malformed(.framing)
        }
        if method == .head || hasNoBodyByStatus {
            framing = .none
        } else if found.isChunked {
            framing = .chunked
        } else if let length = found.contentLength {
            framing = length == 0 ? .none : .length(length)
        } else {
            framing = .untilClose
            keepsAlive = false
        }
    }
}

extension ResponseHead {
    /// Whether the body is a stream of server-sent events, which may pause for as long as it likes.
    func isEventStream(_ bytes: Span<UInt8>) -> Bool {
        // A body of a known length ends, and most answers are of that kind.
        guard framing == .chunked || framing == .untilClose else { return false }
        return fields.contains { field in
            field.known == .other && field.name.count == 12
                && bytes.matches("content-type", at: field.name.start)
                && field.value.count >= 17
                && bytes.matches("text/event-stream", at: field.value.start)
        }
    }
}
