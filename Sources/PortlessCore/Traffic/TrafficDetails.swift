import HostSystem

/// A recorded exchange with its headers, the beginnings of its bodies, and a WebSocket's messages.
///
/// Both messages are nil where the host wasn't inspected.
package struct TrafficDetails: Hashable, Sendable {
    package struct Field: Hashable, Sendable {
        package var name: String
        package var value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// A request or an answer.
    package struct Message: Hashable, Sendable {
        package var headers: [Field]
        package var body: TrafficBody
        /// Whether the body went on after the part that was recorded.
        package var isBodyCut: Bool
        /// What the body's coding has packed; nil where there is none, or one that isn't unpacked.
        package var unpacked: Unpacked?

        package struct Unpacked: Hashable, Sendable {
            package var body: TrafficBody
            package var isCut: Bool
            /// Bytes of the body.
            package var size: Int
        }

        package init(
            headers: [Field],
            body: TrafficBody = TrafficBody([]),
            isBodyCut: Bool = false,
        ) {
            self.headers = headers
            self.body = body
            self.isBodyCut = isBodyCut
        }

        /// The value of the first field of this name, which is given in lower case.
        package func header(_ name: String) -> String? {
            headers.first { $0.name.lowercased() == name }?.value
        }

        /// The same with its body unpacked, to be shown.
        package var unpacking: Message {
            guard !body.isEmpty,
                let coding = header("content-encoding").flatMap({ ContentCoding(field: $0) }),
                let result = coding.unpack(body.bytes, limit: TrafficLimits.unpackedBody)
            else { return self }
            var message = self
            message.unpacked = Unpacked(
                body: TrafficBody(result.bytes, isCut: !result.isWhole),
                isCut: !result.isWhole,
                size: result.bytes.count,
            )
            return message
        }
    }

    /// A message of a WebSocket.
    package struct Frame: Hashable, Sendable {
        package enum Direction: String, Hashable, Sendable, CaseIterable {
            /// By the client.
            case sent
            case received
        }

        package enum Kind: String, Hashable, Sendable, CaseIterable {
            case text, binary, close, ping, pong
        }

        /// Since the request began.
        package var time: Duration
        package var direction: Direction
        package var kind: Kind
        /// The bytes of the payload as they went over the wire.
        package var size: Int64
        /// The first bytes of the payload; none of a compressed one.
        package var start: TrafficBody
        package var isCompressed: Bool

        package init(
            time: Duration,
            direction: Direction,
            kind: Kind,
            size: Int64,
            start: TrafficBody,
            isCompressed: Bool,
        ) {
            self.time = time
            self.direction = direction
            self.kind = kind
            self.size = size
            self.start = start
            self.isCompressed = isCompressed
        }
    }

    package var record: TrafficRecord
    package var request: Message?
    package var response: Message?
    package var frames: [Frame] = []
    /// Earlier messages that were dropped for newer ones.
    package var droppedFrames = 0

    package init(_ record: TrafficRecord) {
        self.record = record
    }

    /// The same without secrets.
    package var masked: TrafficDetails {
        var details = self
        details.record = record.masked
        details.request = request.map { Secrets.masked($0) }
        details.response = response.map { Secrets.masked($0) }
        return details
    }

    /// The same with the bodies unpacked, whose secrets are hidden as those of other bodies.
    ///
    /// For those who show it: the proxy itself spends no time on that.
    package func unpacked(reveals: Bool) -> TrafficDetails {
        var details = self
        details.request = request?.unpacking
        details.response = response?.unpacking
        return reveals ? details : details.masked
    }
}

/// Recorded bytes: as text where they are text, else in Base64.
package enum TrafficBody: Hashable, Sendable {
    case text(String)
    case base64(String)

    /// With `isCut` a character may be incomplete at the end.
    package init(_ bytes: [UInt8], isCut: Bool = false) {
        var whole = bytes[...]
        if isCut { whole.removeLast(Self.incompleteEnd(bytes)) }
        // Control characters would take six times their size as JSON, and no reader needs them.
        let isPlain = whole.allSatisfy { $0 >= 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
        if isPlain, let text = String(validating: whole, as: UTF8.self) {
            self = .text(text)
        } else {
            self = .base64(Base64.encode(bytes))
        }
    }

    package var bytes: [UInt8] {
        switch self {
        case .text(let text): Array(text.utf8)
        case .base64(let text): Base64.decode(text) ?? []
        }
    }

    package var isEmpty: Bool {
        switch self {
        case .text(let text), .base64(let text): text.isEmpty
        }
    }

    /// The number of bytes at the end that begin a character of UTF-8 without completing it.
    private static func incompleteEnd(_ bytes: [UInt8]) -> Int {
        for back in 1...3 where back <= bytes.count {
            let byte = bytes[bytes.count - back]
            if byte & 0xC0 == 0x80 { continue }
            let length =
                switch byte {
                case 0xC2...0xDF: 2
                case 0xE0...0xEF: 3
                case 0xF0...0xF4: 4
                default: 1
                }
            return length > back ? back : 0
        }
        return 0
    }

    package var json: JSONValue {
        switch self {
        case .text(let text): .object(["text": .string(text)])
        case .base64(let text): .object(["base64": .string(text)])
        }
    }

    package init?(json: JSONValue) {
        if let text = json["text"]?.string {
            self = .text(text)
        } else if let text = json["base64"]?.string {
            self = .base64(text)
        } else {
            return nil
        }
    }
}

// MARK: JSON

extension TrafficDetails {
    package static let shape = JSONShape.named(
        "TrafficDetails",
        .object(
            members(of: TrafficRecord.shape) + [
                JSONMember(key: "request", shape: Message.shape, isRequired: false),
                JSONMember(key: "response", shape: Message.shape, isRequired: false),
                JSONMember(key: "messages", shape: .list(Frame.form.shape), isRequired: false),
                JSONMember(key: "messagesDropped", shape: .count, isRequired: false),
            ]
        ),
    )

    private static func members(of shape: JSONShape) -> [JSONMember] {
        switch shape {
        case .named(_, let shape): members(of: shape)
        case .object(let members): members
        default: []
        }
    }

    /// The record's members, and beside them those of the details.
    package var json: JSONValue {
        guard case .object(var object) = record.json else { return .null }
        object["request"] = request?.json
        object["response"] = response?.json
        if record.version == .webSocket, request != nil {
            object["messages"] = .array(frames.map(Frame.form.write))
            if droppedFrames > 0 { object["messagesDropped"] = .integer(droppedFrames) }
        }
        return .object(object)
    }

    package init?(json: JSONValue) {
        guard let record = TrafficRecord(json: json) else { return nil }
        self.record = record
        request = json["request"].flatMap { Message(json: $0) }
        response = json["response"].flatMap { Message(json: $0) }
        frames = (json["messages"]?.array ?? []).compactMap { json in
            try? Frame.form.read(json, "message")
        }
        droppedFrames = max(0, json["messagesDropped"]?.integer ?? 0)
    }
}

extension TrafficDetails.Message {
    static let shape = JSONShape.object([
        JSONMember(key: "headers", shape: .list(.list(.text)), isRequired: true),
        JSONMember(key: "body", shape: TrafficBody.shape, isRequired: true),
        JSONMember(key: "bodyTruncated", shape: .flag, isRequired: true),
        JSONMember(
            key: "unpacked",
            shape: .object([
                JSONMember(key: "body", shape: TrafficBody.shape, isRequired: true),
                JSONMember(key: "bodyTruncated", shape: .flag, isRequired: true),
            ]),
            isRequired: false,
        ),
    ])

    package var json: JSONValue {
        var object: JSONObject = [
            "headers": .array(headers.map { .array([.string($0.name), .string($0.value)]) }),
            "body": body.json,
            "bodyTruncated": .bool(isBodyCut),
        ]
        if let unpacked {
            object["unpacked"] = .object([
                "body": unpacked.body.json, "bodyTruncated": .bool(unpacked.isCut),
            ])
        }
        return .object(object)
    }

    package init?(json: JSONValue) {
        guard let headers = json["headers"]?.array,
            let body = json["body"].flatMap({ TrafficBody(json: $0) })
        else { return nil }
        self.headers = headers.compactMap { TrafficDetails.Field(json: $0) }
        self.body = body
        isBodyCut = json["bodyTruncated"]?.bool ?? false
    }
}

extension TrafficDetails.Field {
    /// A pair of name and value.
    package init?(json: JSONValue) {
        guard let pair = json.array, pair.count == 2, let name = pair[0].string,
            let value = pair[1].string
        else { return nil }
        self.init(name: name, value: value)
    }
}

extension TrafficBody {
    /// One of the two is there.
    static let shape = JSONShape.object([
        JSONMember(key: "text", shape: .text, isRequired: false),
        JSONMember(key: "base64", shape: .text, isRequired: false),
    ])
}

extension TrafficDetails.Frame {
    static let form = JSONCodec.object(
        [
            .required("atMs", \.time, as: .decimalMilliseconds),
            .required("direction", \.direction, as: .choice),
            .required("kind", \.kind, as: .choice),
            .required("size", \.size, as: .bytes),
            .start,
            .defaulted("compressed", \.isCompressed, as: .flag),
        ],
        blank: TrafficDetails.Frame(
            time: .zero,
            direction: .sent,
            kind: .text,
            size: 0,
            start: .text(""),
            isCompressed: false,
        ),
    )
}

extension JSONField<TrafficDetails.Frame> {
    /// `text` or `base64`; neither for a compressed message.
    fileprivate static let start = JSONField(
        members: [
            JSONMember(key: "text", shape: .text, isRequired: false),
            JSONMember(key: "base64", shape: .text, isRequired: false),
        ],
        write: { frame, object in
            guard !frame.isCompressed else { return }
            for (key, value) in frame.start.json.object?.members ?? [] { object[key] = value }
        },
        read: { object, _, frame in
            frame.start = TrafficBody(json: .object(object)) ?? .text("")
        },
    )
}
