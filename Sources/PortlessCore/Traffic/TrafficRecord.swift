package import HostSystem

/// One request that went through the proxy, without its headers and bodies.
package struct TrafficRecord: Hashable, Sendable {
    package enum State: String, Hashable, Sendable, CaseIterable {
        /// The app hasn't answered yet.
        case waiting
        /// The answer's head is there, and its body is on its way.
        case answering
        case done
        case failed
    }

    package enum Scheme: String, Hashable, Sendable, CaseIterable {
        case http
        case https
    }

    package enum Version: String, Hashable, Sendable, CaseIterable {
        case http1 = "HTTP/1.1"
        case http2 = "HTTP/2"
        case webSocket = "WebSocket"
    }

    /// Grows within the life of one proxy process.
    package var id: Int64
    package var began: Timestamp
    /// The name that the client asked for, in lower case and without a port.
    package var host: String
    /// The port that the client asked for.
    package var port: Int
    /// The route's name without the top-level name; nil where no route matched.
    package var app: String?
    package var method: String
    package var path: String
    package var status: Int?
    package var state = State.waiting
    /// One sentence where the exchange broke off or the proxy answered an error itself.
    package var failure: String?
    package var scheme: Scheme
    package var version: Version
    /// The media type of the answer.
    package var type: String?
    /// The address of the app's socket.
    package var upstream: String?
    package var requestBytes: Int64 = 0
    package var responseBytes: Int64 = 0
    package var firstByte: Duration?
    package var total: Duration?
    /// Whether headers and bodies were recorded.
    package var isInspected = false

    package init(
        id: Int64,
        began: Timestamp,
        host: String,
        port: Int,
        method: String,
        path: String,
        scheme: Scheme,
        version: Version,
    ) {
        self.id = id
        self.began = began
        self.host = host
        self.port = port
        self.method = method
        self.path = path
        self.scheme = scheme
        self.version = version
    }
}

extension TrafficRecord {
    package var isOver: Bool { state == .done || state == .failed }

    /// Whether the exchange goes on for as long as its ends like.
    package var isEndless: Bool {
        state == .answering && (version == .webSocket || type == "text/event-stream")
    }

    package var url: String {
        let isStandard = port == (scheme == .https ? 443 : 80)
        return "\(scheme.rawValue)://\(host)\(isStandard ? "" : ":\(port)")\(path)"
    }

    /// The record without secrets in its path.
    package var masked: TrafficRecord {
        var record = self
        record.path = Secrets.masked(target: path)
        return record
    }
}

// MARK: JSON

extension TrafficRecord {
    static let form = JSONCodec.object(
        [
            .required("id", \.id, as: .number(in: 0...Int64.max)),
            .required("at", \.began, as: .text),
            .required("host", \.host, as: .text),
            .required("port", \.port, as: .count(atMost: 65535)),
            .optional("app", \.app, as: .text),
            .required("method", \.method, as: .text),
            .required("path", \.path, as: .text),
            .optional("status", \.status, as: .count(atMost: 999)),
            .required("state", \.state, as: .choice),
            .optional("failure", \.failure, as: .text),
            .required("scheme", \.scheme, as: .choice),
            .required("protocol", \.version, as: .choice),
            .optional("type", \.type, as: .text),
            .optional("upstream", \.upstream, as: .text),
            .defaulted("requestBytes", \.requestBytes, as: .bytes),
            .defaulted("responseBytes", \.responseBytes, as: .bytes),
            .optional("firstByteMs", \.firstByte, as: .decimalMilliseconds),
            .optional("totalMs", \.total, as: .decimalMilliseconds),
            .defaulted("inspected", \.isInspected, as: .flag),
        ],
        blank: TrafficRecord(
            id: 0,
            began: Timestamp(seconds: 0),
            host: "",
            port: 0,
            method: "",
            path: "",
            scheme: .http,
            version: .http1,
        ),
        name: "TrafficRecord",
    )

    package static var shape: JSONShape { form.shape }

    /// The record on the proxy's socket, in the API, and as `portless traffic --json` prints it.
    package var json: JSONValue { Self.form.write(self) }

    /// Reads what `json` wrote; nil for anything else.
    package init?(json: JSONValue) {
        guard let record = try? Self.form.read(json, "record") else { return nil }
        self = record
    }
}

extension JSONCodec<Timestamp> {
    /// RFC 3339, to the millisecond.
    static let text = JSONCodec(
        .text,
        "a time",
        write: { .string($0.text) },
        read: { json in json.string.flatMap { Timestamp(reading: $0, now: .now) } },
    )
}

extension JSONCodec<Duration> {
    /// Milliseconds with their fraction, to the microsecond.
    static let decimalMilliseconds = JSONCodec(
        .number,
        "a number",
        write: { .decimal($0.decimalMilliseconds) },
        read: { json in
            json.decimal.flatMap { number in
                number < 0 ? nil : Duration.microseconds(Int64(clamping: number * 1000))
            }
        },
    )
}

extension Duration {
    /// Milliseconds with their fraction, to the microsecond.
    package var decimalMilliseconds: Double {
        let (seconds, attoseconds) = components
        let microseconds = seconds.saturatingMultiply(by: 1_000_000)
            .saturatingAdd(attoseconds / 1_000_000_000_000)
        return Double(microseconds) / 1000
    }
}
