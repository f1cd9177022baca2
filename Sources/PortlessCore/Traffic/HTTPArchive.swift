import HostSystem

/// Recorded exchanges in the format that browsers and debugging proxies export: HAR 1.2
/// (http://www.softwareishard.com/blog/har-12-spec/).
///
/// What the format has no member for begins with an underscore, as Chromium names it.
package struct HTTPArchive: Sendable {
    package let version: String
    private let reveals: Bool

    /// `version` is that of this program; `reveals` says whether unpacked bodies keep their secrets.
    package init(version: String, reveals: Bool = false) {
        self.version = version
        self.reveals = reveals
    }

    /// The whole file.
    package func json(_ exchanges: [TrafficDetails]) -> JSONValue {
        .object([
            "log": .object([
                "version": .string("1.2"),
                "creator": .object(["name": .string("Portless"), "version": .string(version)]),
                "entries": .array(exchanges.map(entry)),
            ])
        ])
    }

    /// The text before the entries, between which are commas, and after them.
    ///
    /// For files that are too long to be in memory as a whole.
    package var frame: (start: String, end: String) {
        let empty = json([]).compact
        let end = "]}}"
        return (String(empty.dropLast(end.count)), end)
    }

    package func entry(_ recorded: TrafficDetails) -> JSONValue {
        let exchange = recorded.unpacked(reveals: reveals)
        let record = exchange.record
        var entry: JSONObject = [
            "startedDateTime": .string(record.began.text),
            "time": .decimal((record.total ?? record.firstByte ?? .zero).decimalMilliseconds),
            "request": request(exchange),
            "response": response(exchange),
            "cache": .object([:]),
            "timings": timings(record),
        ]
        if let address = record.upstream { entry["_upstream"] = .string(address) }
        if record.version == .webSocket, exchange.request != nil {
            entry["_resourceType"] = .string("websocket")
            entry["_webSocketMessages"] = .array(
                exchange.frames.map { message($0, since: record.began) }
            )
        }
        return .object(entry)
    }

    private func timings(_ record: TrafficRecord) -> JSONValue {
        let wait = record.firstByte ?? record.total ?? .zero
        let receive = record.total.map { max(.zero, $0 - wait) } ?? .zero
        return .object([
            "send": .integer(0), "wait": .decimal(wait.decimalMilliseconds),
            "receive": .decimal(receive.decimalMilliseconds),
        ])
    }

    private func request(_ exchange: TrafficDetails) -> JSONValue {
        let (record, message) = (exchange.record, exchange.request)
        var object: JSONObject = [
            "method": .string(record.method),
            "url": .string(Self.uri(record.url)),
            "httpVersion": .string(httpVersion(record)),
            "cookies": .array(cookies(message, "cookie").map { pair($0.name, $0.value) }),
            "headers": headers(message),
            "queryString": .array(
                Self.query(of: record.path).map { pair($0.name, $0.value) }
            ),
            "headersSize": .integer(-1),
            "bodySize": .integer(record.requestBytes),
        ]
        if let message, !message.body.isEmpty {
            var data: JSONObject = [
                "mimeType": .string(message.header("content-type") ?? "")
            ]
            switch message.shownBody {
            case .text(let text): data["text"] = .string(text)
            case .base64(let text):
                data["text"] = .string(text)
                data["comment"] = .string("The text is Base64.")
            }
            if message.isShownBodyCut { data["_truncated"] = .bool(true) }
            object["postData"] = .object(data)
        }
        return .object(object)
    }

    private func response(_ exchange: TrafficDetails) -> JSONValue {
        let (record, message) = (exchange.record, exchange.response)
        var content: JSONObject = [
            "size": .integer(record.responseBytes),
            "mimeType": .string(message?.header("content-type") ?? record.type ?? ""),
        ]
        if let message, !message.body.isEmpty {
            switch message.shownBody {
            case .text(let text): content["text"] = .string(text)
            case .base64(let text):
                content["text"] = .string(text)
                content["encoding"] = .string("base64")
            }
            if message.isShownBodyCut { content["_truncated"] = .bool(true) }
            if let unpacked = message.unpacked {
                if !unpacked.isCut {
                    content["size"] = .integer(unpacked.size)
                    content["compression"] = .integer(
                        unpacked.size - Int(clamping: record.responseBytes)
                    )
                }
            } else if let coding = message.header("content-encoding") {
                content["comment"] = .string("As it was sent, in \(coding).")
            }
        }
        var object: JSONObject = [
            // Zero stands for an exchange without an answer, as in Chromium's archives.
            "status": .integer(record.status ?? 0),
            "statusText": .string(""),
            "httpVersion": .string(httpVersion(record)),
            "cookies": .array(cookies(message, "set-cookie").map { pair($0.name, $0.value) }),
            "headers": headers(message),
            "content": .object(content),
            "redirectURL": .string(Self.uri(message?.header("location") ?? "")),
            "headersSize": .integer(-1),
            "bodySize": .integer(record.responseBytes),
        ]
        object["_error"] = record.failure.map { .string($0) }
        return .object(object)
    }

    private func httpVersion(_ record: TrafficRecord) -> String {
        record.version == .webSocket ? "HTTP/1.1" : record.version.rawValue
    }

    private func headers(_ message: TrafficDetails.Message?) -> JSONValue {
        .array((message?.headers ?? []).map { pair($0.name, $0.value) })
    }

    private func pair(_ name: String, _ value: String) -> JSONValue {
        .object(["name": .string(name), "value": .string(value)])
    }

    /// Of a hidden cookie field, only that there was one is known, so that it gives none.
    private func cookies(
        _ message: TrafficDetails.Message?,
        _ field: String,
    ) -> [(name: String, value: String)] {
        (message?.headers ?? []).filter { $0.name.lowercased() == field }.flatMap { header in
            let pairs = header.value.split(separator: ";")
            return (field == "cookie" ? pairs : Array(pairs.prefix(1))).compactMap {
                text -> (name: String, value: String)? in
                guard let equals = text.firstIndex(of: "=") else { return nil }
                return (
                    text[..<equals].trimmingBlanks,
                    text[text.index(after: equals)...].trimmingBlanks,
                )
            }
        }
    }

    /// A URL that is one (RFC 3986) although secrets were hidden in it, or its client sent others.
    private static func uri(_ text: String) -> String {
        guard !text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { return text }
        return text.utf8.map { byte in
            (0x21...0x7E).contains(byte)
                ? String(Unicode.Scalar(byte)) : "%" + [byte].hexadecimal.uppercased()
        }
        .joined()
    }

    private static func query(of path: String) -> [(name: String, value: String)] {
        guard let mark = path.firstIndex(of: "?") else { return [] }
        return path[path.index(after: mark)...].split(separator: "&").map { text in
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (parts[0].percentDecoded, parts.count > 1 ? parts[1].percentDecoded : "")
        }
    }

    private func message(_ frame: TrafficDetails.Frame, since began: Timestamp) -> JSONValue {
        let opcode =
            switch frame.kind {
            case .text: 1
            case .binary: 2
            case .close: 8
            case .ping: 9
            case .pong: 10
            }
        let text =
            switch frame.start {
            case .text(let text), .base64(let text): text
            }
        let seconds = (Double(began.milliseconds) + frame.time.decimalMilliseconds) / 1000
        return .object([
            "type": .string(frame.direction == .sent ? "send" : "receive"),
            "time": .decimal(seconds), "opcode": .integer(opcode),
            "data": .string(text), "_size": .integer(frame.size),
        ])
    }
}

extension TrafficDetails.Message {
    fileprivate var shownBody: TrafficBody { unpacked?.body ?? body }
    fileprivate var isShownBodyCut: Bool { unpacked?.isCut ?? isBodyCut }
}
