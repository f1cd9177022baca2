/// A request that is sent again, as it was recorded or with changes.
package struct ReplayRequest: Hashable, Sendable {
    /// The changes; what is nil stays as it was.
    package struct Edit: Hashable, Sendable {
        package var method: String?
        package var path: String?
        package var headers: [TrafficDetails.Field]?
        package var body: [UInt8]?

        package init(
            method: String? = nil,
            path: String? = nil,
            headers: [TrafficDetails.Field]? = nil,
            body: [UInt8]? = nil,
        ) {
            self.method = method
            self.path = path
            self.headers = headers
            self.body = body
        }
    }

    package var scheme: TrafficRecord.Scheme
    package var host: String
    package var method: String
    package var path: String
    package var headers: [TrafficDetails.Field]
    package var body: [UInt8]

    /// Fields that belong to the connection, or that the sender writes itself.
    private static let dropped: Set<String> = [
        "host", "connection", "keep-alive", "proxy-connection", "te", "trailer",
        "transfer-encoding", "upgrade", "content-length", "expect", "x-portless-hops",
    ]

    /// Makes the request of a recording with its secrets.
    ///
    /// A changed request comes from a form that was filled with hidden secrets: where their places
    /// still hold `•••`, the recorded values are sent.
    package init(repeating exchange: TrafficDetails, _ edit: Edit) throws(ReplayRefusal) {
        let record = exchange.record
        guard record.version != .webSocket else { throw .webSocket }
        method = edit.method ?? record.method
        guard Self.isToken(method), method.uppercased() != "CONNECT" else {
            throw .invalidMethod(method)
        }
        path = edit.path.map { Self.restored($0, from: record.path) } ?? record.path
        guard path.utf8.first == UInt8(ascii: "/") || path == "*",
            path.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw .invalidPath }
        if edit.path == nil, record.path.utf8.count >= TrafficLimits.path { throw .cutPath }
        scheme = record.scheme
        host = record.host
        let recorded = exchange.request?.headers ?? []
        let fields = edit.headers.map { Self.restored($0, from: recorded) } ?? recorded
        headers = fields.filter { field in
            let name = field.name.lowercased()
            return !Self.dropped.contains(name) && !name.hasPrefix(":")
        }
        for field in headers
        where !Self.isToken(field.name) || field.value.utf8.contains(where: Self.isControl) {
            throw .invalidHeader(field.name)
        }
        if let edited = edit.body {
            body = Self.restored(edited, from: exchange.request)
        } else {
            body = try Self.recordedBody(of: exchange)
        }
    }

    private static func recordedBody(
        of exchange: TrafficDetails
    ) throws(ReplayRefusal) -> [UInt8] {
        guard exchange.record.requestBytes > 0 else { return [] }
        guard let request = exchange.request else { throw .unrecordedBody }
        guard !request.isBodyCut else { throw .cutBody }
        return request.body.bytes
    }

    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                byte > 0x20 && byte < 0x7F && !"\"(),/:;<=>?@[\\]{}".utf8.contains(byte)
            }
    }

    private static func isControl(_ byte: UInt8) -> Bool {
        byte < 0x20 && byte != 0x09 || byte == 0x7F
    }

    // MARK: Secrets

    private static func restored(_ path: String, from recorded: String) -> String {
        guard path.percentDecoded.contains(Secrets.mask) else { return path }
        var secrets = pairs(of: recorded)
        let start = path.firstIndex(of: "?") ?? path.endIndex
        guard start < path.endIndex else { return path }
        let query = path[path.index(after: start)...]
            .split(separator: "&", omittingEmptySubsequences: false).map { pair -> String in
                let parts = pair.split(separator: "=", maxSplits: 1)
                guard parts.count == 2,
                    let place = secrets.firstIndex(where: { $0.name == parts[0] })
                else { return String(pair) }
                let secret = secrets.remove(at: place)
                return parts[1].percentDecoded == Secrets.mask
                    ? "\(parts[0])=\(secret.value)" : String(pair)
            }
        return path[...start] + query.joined(separator: "&")
    }

    private static func pairs(of path: String) -> [(name: Substring, value: Substring)] {
        guard let start = path.firstIndex(of: "?") else { return [] }
        return path[path.index(after: start)...].split(separator: "&").compactMap { pair in
            let parts = pair.split(separator: "=", maxSplits: 1)
            return parts.count == 2 ? (parts[0], parts[1]) : nil
        }
    }

    private static func restored(
        _ fields: [TrafficDetails.Field],
        from recorded: [TrafficDetails.Field],
    ) -> [TrafficDetails.Field] {
        var rest = recorded
        return fields.map { field in
            let name = field.name.lowercased()
            guard let place = rest.firstIndex(where: { $0.name.lowercased() == name }) else {
                return field
            }
            let original = rest.remove(at: place)
            return field.value == Secrets.masked(original).value
                ? TrafficDetails.Field(name: field.name, value: original.value) : field
        }
    }

    private static func restored(
        _ body: [UInt8],
        from recorded: TrafficDetails.Message?,
    ) -> [UInt8] {
        guard let recorded, !recorded.isBodyCut, body == Secrets.masked(recorded).body.bytes else {
            return body
        }
        return recorded.body.bytes
    }
}

/// Why a request can't be sent again.
package enum ReplayRefusal: Error, Hashable, CustomStringConvertible {
    case webSocket
    case invalidMethod(String)
    case invalidPath
    case invalidHeader(String)
    case invalidBody
    case cutPath
    case unrecordedBody
    case cutBody

    package var description: String {
        switch self {
        case .webSocket: "A WebSocket can't be sent again. Open it from its page."
        case .invalidMethod(let method): "\"\(method)\" is no method. Give one such as GET or POST."
        case .invalidPath: "The path has to begin with \"/\" and can't hold blanks."
        case .invalidHeader(let name):
            "The header \"\(name)\" isn't valid. Leave out control characters."
        case .invalidBody: "The body isn't Base64. Give text as \"text\"."
        case .cutPath: "The path was too long to be recorded whole. Give it again."
        case .unrecordedBody:
            "The request had a body, which wasn't recorded. Inspect the app first, or give a body."
        case .cutBody:
            """
            The request's body is longer than the \(TrafficLimits.body / 1024) KiB that are \
            recorded. Give a body.
            """
        }
    }
}

/// How much is kept of one exchange, each with the reason in its place.
package enum TrafficLimits {
    /// Records of all loops together.
    package static let records = 1000
    /// The bytes of a path; browsers send more only for what hardly anyone reads in a list.
    package static let path = 2048
    /// The first bytes of each body.
    package static let body = 64 * 1024
    /// The first bytes of an unpacked body: of 64 KiB, a bomb's would be 64 MiB.
    package static let unpackedBody = 512 * 1024
    /// The last messages of a WebSocket, and the first bytes of each.
    package static let frames = 500
    package static let frame = 1024
    /// All headers, bodies and messages together; beyond it the oldest exchanges lose theirs.
    package static let details = 32 * 1024 * 1024
}
