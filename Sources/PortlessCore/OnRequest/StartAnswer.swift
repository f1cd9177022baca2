import HostSystem

/// What the server answers to a request for an app that isn't running.
package enum StartAnswer: Hashable, Sendable {
    /// It is on its way, or runs.
    case coming
    case refused(StartRefusal)

    package var json: JSONValue {
        switch self {
        case .coming: .object(["state": .string("coming")])
        case .refused(let refusal):
            .object([
                "state": .string("refused"), "detail": .string(refusal.detail),
                "lines": .array(refusal.lines.map { .string($0) }),
                "retryAfter": refusal.retryAfter.map { .integer($0) } ?? .null,
            ])
        }
    }

    package init?(json: JSONValue) {
        switch json["state"]?.string {
        case "coming": self = .coming
        case "refused":
            self = .refused(
                StartRefusal(
                    detail: json["detail"]?.string ?? "It can't be started.",
                    lines: json["lines"]?.array?.compactMap(\.string) ?? [],
                    retryAfter: json["retryAfter"]?.integer.map { max(1, $0) },
                )
            )
        default: return nil
        }
    }
}

/// Why an app isn't started, for a page.
package struct StartRefusal: Hashable, Sendable {
    /// Whole sentences.
    package var detail: String
    /// The last lines of the process that failed.
    package var lines: [String]
    /// In how many seconds another request may start it; nil where that is open.
    package var retryAfter: Int?

    package init(detail: String, lines: [String] = [], retryAfter: Int? = nil) {
        self.detail = detail
        self.lines = lines
        self.retryAfter = retryAfter
    }
}
