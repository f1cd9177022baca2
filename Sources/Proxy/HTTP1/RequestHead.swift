/// A parsed request head: ranges into the bytes that it was read from, nothing copied.
struct RequestHead: Sendable {
    var method = ByteRange.empty
    var target = ByteRange.empty
    /// The HTTP/1 minor version, 0 or 1.
    var minorVersion = 1
    var fields: [HeaderField] = []
    /// Bytes of the whole head, its empty line included.
    var length = 0

    /// The authority that the request is for: the target's where it is absolute, else Host's.
    var authority = ByteRange.empty
    /// The part of the target to pass on, in origin form (or `*`), but for its implied path.
    var originForm = ByteRange.empty
    var impliedPath = ImpliedPath.none
    var framing = BodyFraming.none
    var hops = 0
    var upgrade = UpgradeOffer.none
    var expectsContinue = false
    var keepsAlive = true
    var methodKind = MethodKind.other
    /// The fields that are replaced rather than passed on, by index into `fields`.
    var forwardedFor: Int?
    var hasForwardedHost = false
    var hasForwardedPort = false
    var hasForwardedProto = false

    init() {
        fields.reserveCapacity(32)
    }

    var isUpgrade: Bool { upgrade != .none }

    /// Whether a proxy in front has taken the request by TLS, so that a redirect to TLS would lead
    /// back here.
    func hasPassedTLS(_ bytes: Span<UInt8>) -> Bool {
        guard hasForwardedProto else { return false }
        return fields.contains { field in
            field.known == .xForwardedProto && field.value.count == 5
                && bytes.matches("https", at: field.value.start)
        }
    }

    /// The path, with the query if there is one, as the upstream would get it.
    func path(_ bytes: Span<UInt8>) -> [UInt8] {
        let implied = impliedPath.text.withUTF8Buffer { Array($0) }
        return implied + (originForm.start..<originForm.end).map { bytes[$0] }
    }
}

/// The path that an absolute target (`http://host`, `http://host?query`) leaves out.
enum ImpliedPath: Sendable {
    case none
    case root
    /// The server as a whole, for OPTIONS (RFC 9112 section 3.2.4).
    case asterisk

    var text: StaticString {
        switch self {
        case .none: ""
        case .root: "/"
        case .asterisk: "*"
        }
    }
}

/// The methods that change how a message is framed or whether it may be sent again.
enum MethodKind: Sendable {
    case get
    case head
    case connect
    case options
    /// PUT, DELETE and TRACE: idempotent (RFC 9110 section 9.2.2).
    case idempotent
    case other

    init(_ bytes: Span<UInt8>, _ range: ByteRange) {
        func equals(_ text: StaticString) -> Bool {
            text.withUTF8Buffer { expected in
                expected.count == range.count
                    && expected.indices.allSatisfy { bytes[range.start + $0] == expected[$0] }
            }
        }
        if equals("GET") {
            self = .get
        } else if equals("HEAD") {
            self = .head
        } else if equals("CONNECT") {
            self = .connect
        } else if equals("OPTIONS") {
            self = .options
        } else if equals("PUT") || equals("DELETE") || equals("TRACE") {
            self = .idempotent
        } else {
            self = .other
        }
    }

    /// Whether a request may be sent a second time when the first got no answer.
    var isIdempotent: Bool {
        switch self {
        case .get, .head, .options, .idempotent: true
        case .connect, .other: false
        }
    }
}
