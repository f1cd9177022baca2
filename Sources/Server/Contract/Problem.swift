import NIOHTTP1
import PortlessCore

/// An error as RFC 9457 defines it, with the `error` and `code` that the original's clients read.
package struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
    package var status: Int
    /// Stable, for programs.
    package var code: String
    /// A sentence that names the thing, then the remedy.
    package var detail: String
    /// The allowed methods, where the request used another one.
    package var allowed: [String] = []

    package init(_ status: Int, code: String, _ detail: String) {
        self.status = status
        self.code = code
        self.detail = detail
    }

    package var description: String { detail }

    var title: String { HTTPResponseStatus(statusCode: status).reasonPhrase }

    /// The body of an answer with the media type `application/problem+json`.
    func json(at time: String) -> JSONValue {
        .object([
            "type": .string("about:blank"),
            "title": .string(title),
            "status": .integer(status),
            "detail": .string(detail),
            "error": .string(detail),
            "code": .string(code),
            "timestamp": .string(time),
        ])
    }

    static let schema = Schema.named(
        "Problem",
        .object([
            .required("type", .text), .required("title", .text),
            .required("status", .integer(400...599)), .required("detail", .text),
            .required("error", .text), .required("code", .text),
            .required("timestamp", .text),
        ]),
    )
}

extension Problem {
    static func invalid(_ detail: String) -> Problem {
        Problem(400, code: "VALIDATION_ERROR", detail)
    }
    static func notFound(_ detail: String) -> Problem { Problem(404, code: "NOT_FOUND", detail) }
}
