import NIOCore
import PortlessCore

/// One event of a `text/event-stream`.
struct ServerSentEvent: Hashable, Sendable {
    var name: String
    var data: JSONValue
    /// What a client sends back as `Last-Event-ID` when it connects again.
    var id: String?

    init(_ name: String, _ data: JSONValue, id: String? = nil) {
        self.name = name
        self.data = data
        self.id = id
    }

    /// What the stream is made of: OpenAPI has no words for the whole before its version 3.2.
    static let schema = Schema.named(
        "ServerSentEvent",
        .described(
            "One event of the stream; its data is JSON.",
            .object(
                [
                    .required("event", .text), .required("data", .text), .optional("id", .text),
                ],
                others: .refused,
            ),
        ),
    )

    /// The data is one line, for compact JSON has no line breaks.
    var bytes: ByteBuffer {
        let id = id.map { "id: \($0)\n" } ?? ""
        return ByteBuffer(string: "\(id)event: \(name)\ndata: \(data.compact)\n\n")
    }
}
