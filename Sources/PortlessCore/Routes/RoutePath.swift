/// The part of a host that one app has: `/api` stands for `/api` itself and for all that is below it.
package struct RoutePath: Hashable, Sendable {
    /// Begins with a slash, and doesn't end with one.
    package let prefix: String
    /// Whether the app gets paths without the prefix.
    package let isStripped: Bool

    private static let maximumLength = 256

    /// Nil for `/`, which is the whole host.
    package init?(parsing text: String, isStripped: Bool = false) throws(RoutePathError) {
        guard text.utf8.first == UInt8(ascii: "/") else { throw RoutePathError(text, .noSlash) }
        guard text.utf8.count <= Self.maximumLength else { throw RoutePathError(text, .tooLong) }
        var segments = text.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        if segments.last == "" { segments.removeLast() }
        guard !segments.isEmpty else { return nil }
        for segment in segments {
            // What servers read in more than one way can't say which app is meant.
            guard !segment.isEmpty, segment != ".", segment != "..",
                segment.utf8.allSatisfy(Self.isPlain)
            else { throw RoutePathError(text, .notPlain) }
        }
        prefix = "/" + segments.joined(separator: "/")
        self.isStripped = isStripped
    }

    /// RFC 3986's characters of a segment, without `%` and `;`.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "-._~!$&'()*+,=:@".utf8.contains(byte)
        }
    }
}

/// A path that no app can be routed by.
package struct RoutePathError: Error, Hashable, CustomStringConvertible {
    package enum Reason: Hashable, Sendable {
        case noSlash
        case tooLong
        case notPlain
    }

    package let text: String
    package let reason: Reason

    init(_ text: String, _ reason: Reason) {
        self.text = text
        self.reason = reason
    }

    /// What is wrong with it, as the rest of a sentence.
    package var explanation: String {
        switch reason {
        case .noSlash: "a path begins with a slash, as in /api"
        case .tooLong: "a path has at most 256 characters"
        case .notPlain:
            "a path consists of plain segments, as in /api/v1, without \"..\", \"//\", \"%\" and \";\""
        }
    }

    package var description: String { "Invalid path \"\(text)\": \(explanation)." }
}
