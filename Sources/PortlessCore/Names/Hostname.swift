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

extension Hostname {
    /// As `init(_:)`, but throws what is wrong.
    package init(checking text: String) throws(NameError) {
        guard !text.isEmpty else { throw .empty }
        guard !text.contains("..") else { throw .consecutiveDots(text) }
        let labels = text.split(separator: ".")
        if let long = labels.first(where: { $0.utf8.count > DNSLabel.maximumLength }) {
            throw .labelTooLong(label: String(long))
        }
        guard text.utf8.count <= 253 else { throw .nameTooLong(text) }
        guard !text.hasSuffix("."), let hostname = Hostname(text) else { throw .invalid(text) }
        self = hostname
    }
}

/// Why a text can't name an app.
package enum NameError: Error, Hashable, CustomStringConvertible {
    case empty
    case invalid(String)
    case invalidTLD(String)
    case consecutiveDots(String)
    case labelTooLong(label: String)
    case nameTooLong(String)
    case nothingToInferFrom(folder: String)

    package var description: String {
        switch self {
        case .empty:
            "Hostname cannot be empty."
        case .invalid(let name):
            """
            Invalid hostname "\(name)": use letters, digits, hyphens and dots, \
            beginning and ending with a letter or digit.
            """
        case .invalidTLD(let name):
            """
            Invalid TLD "\(name)": use letters, digits and hyphens, parts separated by dots, \
            such as "localhost" or "dev.example.com".
            """
        case .consecutiveDots(let name):
            "Invalid hostname \"\(name)\": consecutive dots are not allowed."
        case .labelTooLong(let label):
            "Invalid hostname: the label \"\(label)\" exceeds 63-character DNS limit."
        case .nameTooLong(let name):
            "Invalid hostname \"\(name)\": it exceeds 253-character DNS limit."
        case .nothingToInferFrom(let folder):
            "No name can be made of the folder \"\(folder)\". Give one with --name."
        }
    }
}
