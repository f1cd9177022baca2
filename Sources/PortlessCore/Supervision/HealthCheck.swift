/// How a server is asked whether it is ready, where the project says more than that it answers.
package struct HealthCheck: Hashable, Sendable {
    package static let usualStatuses = [200...399]

    package var path: String
    /// The statuses of a server that is ready.
    package var statuses = Self.usualStatuses
    /// How long after an answer it is asked again.
    package var interval = Duration.milliseconds(500)
    /// How long it may take to answer.
    package var timeout = Duration.seconds(5)

    package init(path: String) {
        self.path = path
    }

    package func accepts(_ status: Int) -> Bool { statuses.contains { $0.contains(status) } }

    /// The statuses as the user writes them, such as `200–399`.
    package var statusText: String {
        statuses.map { range in
            range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound)–\(range.upperBound)"
        }.joined(separator: ", ")
    }

    /// Whether a text can be the target of a request's first line (RFC 9112 section 3.2.1).
    package static func isPath(_ text: String) -> Bool {
        text.hasPrefix("/") && text.utf8.count <= 2000
            && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }

    /// `204`, `2xx` or `200-399`; nil for anything else.
    package static func statuses(_ text: String) -> ClosedRange<Int>? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        let digits = text.utf8.first.map { Int($0) - 0x30 } ?? 0
        if text.count == 3, text.lowercased().hasSuffix("xx"), (1...5).contains(digits) {
            return digits * 100...digits * 100 + 99
        }
        let numbers = parts.compactMap { Int($0) }.filter { (100...599).contains($0) }
        guard numbers.count == parts.count, let first = numbers.first, let last = numbers.last,
            parts.count <= 2, first <= last
        else { return nil }
        return first...last
    }
}

extension JSONCodec<HealthCheck> {
    static let health = object(
        [
            .required("path", \.path, as: .requestPath),
            .defaulted("status", \.statuses, as: .list(of: .statuses)),
            .defaulted("interval", \.interval, as: .milliseconds),
            .defaulted("timeout", \.timeout, as: .milliseconds),
        ],
        blank: HealthCheck(path: "/"),
        name: "HealthCheck",
    )
}

extension JSONCodec<String> {
    fileprivate static let requestPath = JSONCodec(
        .text,
        "a path that begins with a slash",
        write: { .string($0) },
        read: { json in json.string.flatMap { HealthCheck.isPath($0) ? $0 : nil } },
    )
}

extension JSONCodec<ClosedRange<Int>> {
    fileprivate static let statuses = JSONCodec(
        .text,
        "statuses such as \"200-399\"",
        write: { .string("\($0.lowerBound)-\($0.upperBound)") },
        read: { json in json.string.flatMap { HealthCheck.statuses($0) } },
    )
}
