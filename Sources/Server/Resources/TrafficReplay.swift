import HTTPTypes
import HostSystem
package import PortlessCore

/// The operation that sends a recorded request again, through the proxy's own listener.
struct TrafficReplay {
    let services: ServerServices

    var operation: Operation {
        Operation(
            method: .post,
            path: "/api/traffic/{id}/replay",
            id: "replayTraffic",
            summary: """
                Sends the request again, as it was or with changes; where a change still holds •••, \
                the recorded secret is sent.
                """,
            access: .change,
            parameters: [TrafficSchemas.identifier],
            body: Self.edit,
            answer: Self.answer,
            refusals: [409, 502, 503],
        ) { [services] call in
            let exchange = try TrafficOperations.find(call, services.traffic, reveals: true)
            let request: ReplayRequest
            do throws(ReplayRefusal) {
                request = try ReplayRequest(repeating: exchange, Self.edit(of: call.body))
            } catch {
                throw Problem(409, code: "NOT_REPLAYABLE", "\(error)")
            }
            do {
                return Self.reply(try await services.replay(request))
            } catch {
                throw Problem(502, code: "REPLAY_FAILED", "The request can't be sent: \(error)")
            }
        }
    }

    private static func edit(of body: JSONValue) throws(ReplayRefusal) -> ReplayRequest.Edit {
        ReplayRequest.Edit(
            method: body["method"]?.string,
            path: body["path"]?.string,
            headers: body["headers"]?.array?.compactMap { TrafficDetails.Field(json: $0) },
            body: try bytes(of: body["body"]),
        )
    }

    private static func bytes(of body: JSONValue?) throws(ReplayRefusal) -> [UInt8]? {
        guard let body = body.flatMap({ TrafficBody(json: $0) }) else { return nil }
        if case .base64(let text) = body, Base64.decode(text) == nil { throw .invalidBody }
        return body.bytes
    }

    private static func reply(_ answer: ReplayAnswer) -> Reply {
        let message = TrafficDetails.Message(
            headers: answer.headers,
            body: TrafficBody(answer.body, isCut: answer.isBodyCut),
            isBodyCut: answer.isBodyCut,
        )
        guard case .object(var object) = Secrets.masked(message.unpacking).json else {
            return .json(.null)
        }
        object["status"] = .integer(answer.status)
        object["totalMs"] = .decimal(answer.duration.decimalMilliseconds)
        return .object(object)
    }

    private static let content = Schema.object([
        .optional("text", .text), .optional("base64", .text),
    ])
    private static let headers = Schema.array(.array(.text, count: 2...2), count: 0...512)

    private static let edit = Schema.described(
        "The changes; what isn't given stays as it was.",
        .object([
            .optional("method", .string(StringRule(length: 1...32))),
            .optional("path", .string(StringRule(length: 1...16_384))),
            .optional("headers", headers), .optional("body", content),
        ]),
    )

    private static let answer = Schema.object([
        .required("headers", headers), .required("body", content),
        .required("bodyTruncated", .boolean), .required("status", .integer(100...999)),
        .required("totalMs", .number),
        .optional(
            "unpacked",
            .object([.required("body", content), .required("bodyTruncated", .boolean)]),
        ),
    ])
}

/// What came back of a replayed request.
package struct ReplayAnswer: Sendable {
    /// The bytes of a body that are read; the rest is dropped.
    package static let longestBody = 1 << 20

    package var status: Int
    package var headers: [TrafficDetails.Field]
    package var body: [UInt8]
    package var isBodyCut: Bool
    package var duration: Duration

    package init(
        status: Int,
        headers: [TrafficDetails.Field],
        body: [UInt8],
        isBodyCut: Bool,
        duration: Duration,
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.isBodyCut = isBodyCut
        self.duration = duration
    }
}
