extension RequestHead {
    /// Reads a request head that begins at the first byte.
    ///
    /// - Returns: false where the head isn't complete; what was read so far is then void.
    mutating func parse(_ bytes: Span<UInt8>) throws(HeadError) -> Bool {
        fields.removeAll(keepingCapacity: true)
        var cursor = 0
        while cursor < bytes.count, bytes[cursor].isTokenCharacter { cursor += 1 }
        method = ByteRange(start: 0, end: cursor)
        guard cursor < bytes.count else { return try incomplete(bytes) }
        guard bytes[cursor] == .space, cursor > 0 else { throw .malformed(.startLine) }
        cursor += 1

        target.start = cursor
        while cursor < bytes.count, bytes[cursor].isVisible { cursor += 1 }
        target.end = cursor
        guard cursor < bytes.count else { return try incomplete(bytes) }
        guard bytes[cursor] == .space, !target.isEmpty else { throw .malformed(.target) }
        cursor += 1

        guard cursor + 10 <= bytes.count else { return try incomplete(bytes) }
        minorVersion = try HTTPVersion.minor(bytes, at: cursor)
        cursor += 8
        guard bytes[cursor] == .carriageReturn, bytes[cursor + 1] == .lineFeed else {
            throw .malformed(.startLine)
        }
        let fieldsStart = cursor + 2
        guard let end = try HeadScanner.scanFields(bytes, from: fieldsStart, into: &fields) else {
            return try incomplete(bytes)
        }
        guard end <= HeadScanner.maximumSize else { throw .tooLarge }
        length = end
        try interpret(bytes)
        return true
    }

    private func incomplete(_ bytes: Span<UInt8>) throws(HeadError) -> Bool {
        guard bytes.count < HeadScanner.maximumSize else { throw .tooLarge }
        return false
    }

    private mutating func interpret(_ bytes: Span<UInt8>) throws(HeadError) {
        methodKind = MethodKind(bytes, method)
        guard methodKind != .connect else { throw .unsupportedMethod }
        var framing = FramingFields()
        var nominates = false
        var host: ByteRange?
        var hopsField: ByteRange?
        forwardedFor = nil
        hasForwardedHost = false
        hasForwardedPort = false
        hasForwardedProto = false
        expectsContinue = false
        for index in fields.indices {
            let field = fields[index]
            switch field.known {
            case .other, .xForwardedPrefix: continue
            case .host:
                guard host == nil else { throw .malformed(.host) }
                host = field.value
            case .expect:
                expectsContinue =
                    field.value.count == 12 && bytes.matches("100-continue", at: field.value.start)
            case .xForwardedFor: forwardedFor = index
            case .xForwardedHost: hasForwardedHost = true
            case .xForwardedPort: hasForwardedPort = true
            case .xForwardedProto: hasForwardedProto = true
            case .xPortlessHops:
                guard hopsField == nil else { throw .malformed(.hops) }
                hopsField = field.value
            default: try framing.read(field, bytes, nominated: &nominates)
            }
        }
        if nominates { fields.markNominated(bytes) }
        hops = try Self.hops(bytes, hopsField)
        try decideFraming(framing)
        try decideTarget(bytes, host: host)
    }

    private mutating func decideFraming(_ fields: FramingFields) throws(HeadError) {
        upgrade = fields.nominatesUpgrade && minorVersion == 1 ? fields.upgrade : .none
        keepsAlive = minorVersion == 1 ? !fields.closes : fields.keepsAlive && !fields.closes
        if fields.isChunked {
            guard fields.contentLength == nil, minorVersion == 1 else {
                throw .malformed(.framing)
            }
            framing = .chunked
        } else if let length = fields.contentLength, length > 0 {
            framing = .length(length)
        } else {
            framing = .none
        }
    }

    private mutating func decideTarget(
        _ bytes: Span<UInt8>,
        host: ByteRange?,
    ) throws(HeadError) {
        if let host {
            guard Authority.isValid(bytes, host) else { throw .malformed(.host) }
        } else if minorVersion == 1 {
            throw .malformed(.host)
        }
        authority = host ?? .empty
        originForm = target
        impliedPath = .none
        guard bytes[target.start] != .slash else { return }
        if target.count == 1, bytes[target.start] == 0x2A, methodKind == .options { return }
        guard let absolute = Authority.absoluteForm(bytes, target) else {
            throw .malformed(.target)
        }
        // RFC 9112 section 3.2.2: an absolute target's authority replaces Host.
        authority = absolute.authority
        originForm = absolute.originForm
        if originForm.isEmpty, methodKind == .options {
            impliedPath = .asterisk
        } else if originForm.isEmpty || bytes[originForm.start] != .slash {
            impliedPath = .root
        }
    }

    private static func hops(_ bytes: Span<UInt8>, _ value: ByteRange?) throws(HeadError) -> Int {
        guard let value else { return 0 }
        guard let hops = FramingFields.decimal(bytes, value) else { throw .malformed(.hops) }
        return min(hops, 1000)
    }
}

enum HTTPVersion {
    /// The minor version of `HTTP/1.x` at `offset`, where eight bytes are known to be.
    static func minor(_ bytes: Span<UInt8>, at offset: Int) throws(HeadError) -> Int {
        let prefix: StaticString = "HTTP/"
        let isHTTP = prefix.withUTF8Buffer { expected in
            expected.indices.allSatisfy { bytes[offset + $0] == expected[$0] }
        }
        guard isHTTP, bytes[offset + 5].isDigit, bytes[offset + 6] == 0x2E,
            bytes[offset + 7].isDigit
        else { throw .malformed(.startLine) }
        guard bytes[offset + 5] == 0x31 else { throw .unsupportedVersion }
        // A higher minor version is answered as 1.1 (RFC 9110 section 2.5).
        return bytes[offset + 7] == 0x30 ? 0 : 1
    }
}
