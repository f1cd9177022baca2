/// A valid DNS name in lower case, without a trailing dot: what a route is found by.
///
/// Labels are 1 to 63 characters of `[a-z0-9-]`, neither beginning nor ending with a hyphen; the
/// whole is at most 253 characters (RFC 1035 section 2.3.4, RFC 1123 section 2.1).
package struct Hostname: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let description: String

    /// Nil unless `text`, lower-cased, is a valid name.
    ///
    /// A single trailing dot is dropped.
    package init?(_ text: some StringProtocol) {
        var name = text.lowercased()
        if name.last == "." { name.removeLast() }
        guard Self.isValid(name) else { return nil }
        description = name
    }

    package var labels: [Substring] { description.split(separator: ".") }

    /// The name without its first label; nil for a single label.
    package var parent: Hostname? {
        guard let dot = description.firstIndex(of: ".") else { return nil }
        return Hostname(description[description.index(after: dot)...])
    }

    package func isSubdomain(of other: Hostname) -> Bool {
        description.count > other.description.count
            && description.hasSuffix("." + other.description)
    }

    package static func < (lhs: Hostname, rhs: Hostname) -> Bool {
        lhs.description < rhs.description
    }

    private static func isValid(_ name: String) -> Bool {
        guard !name.isEmpty, name.utf8.count <= 253 else { return false }
        return name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                && label.utf8.allSatisfy { byte in
                    (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2D
                }
        }
    }
}
