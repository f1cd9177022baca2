import PortlessCore

/// A value in a project's files that affects its ports and can't be known by reading.
package struct Unresolved: Hashable, Sendable {
    package var file: String
    package var line: Int
    package var reason: String
    /// The file can't be parsed, so nothing in it is known.
    package var isMalformed = false

    private static let maximumLength = 400

    package init(file: String, line: Int, reason: String) {
        self.file = file
        self.line = line
        // It may quote the file, and goes to terminals.
        self.reason = reason.shortened(to: Self.maximumLength).withVisibleControls
    }

    init(_ error: SourceError) {
        self.init(file: error.file, line: error.line, reason: error.reason)
    }

    init(malformed error: SourceError) {
        self.init(error)
        isMalformed = !error.isOverBudget
    }

    /// The caller chooses a variable's value, or the system a port.
    var isLeftOpen: Bool {
        !isMalformed
            && [
                "comes from the environment and has no default", "the port is chosen when it runs",
                "the host port is chosen when it runs", "the host's is chosen when it runs",
            ].contains { reason.hasSuffix($0) }
    }

    /// The same problem in a file that could be read as a whole.
    var asPartOfReadable: Unresolved {
        var result = self
        result.isMalformed = false
        return result
    }

    init(_ location: SourceLocation, _ reason: String) {
        self.init(file: location.file, line: location.line, reason: reason)
    }
}

extension Unresolved: Comparable {
    package static func < (lhs: Unresolved, rhs: Unresolved) -> Bool {
        (lhs.file, lhs.line, lhs.reason) < (rhs.file, rhs.line, rhs.reason)
    }
}

/// A file of a project that can't be parsed.
package struct SourceError: Error, Hashable, Sendable, CustomStringConvertible {
    package var file: String
    package var line: Int
    package var reason: String
    package var cause = Cause.content

    package enum Cause: Sendable {
        case content
        /// The system doesn't let us read the file.
        case unreadable
        /// The file is valid, but reading it takes too much.
        case overBudget
    }

    package var isOverBudget: Bool { cause == .overBudget }

    package init(file: String, line: Int, reason: String) {
        self.file = file
        self.line = line
        self.reason = reason.withVisibleControls
    }

    init(unreadable file: String, because error: any Error) {
        self.init(file: file, line: 1, reason: "it can't be read: \(error)")
        cause = error is OverBudget ? .overBudget : .unreadable
    }

    package var description: String { "\(file):\(line): \(reason)" }
}

extension String {
    /// The text with control characters escaped, so that a file's contents can't control a
    /// terminal.
    var withVisibleControls: String {
        guard unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            return self
        }
        var result = ""
        for scalar in unicodeScalars {
            if scalar.properties.generalCategory == .control {
                result += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

extension StringProtocol {
    /// The beginning of the text with an ellipsis, if it has more than this many Unicode scalars.
    func shortened(to count: Int) -> String {
        // Each scalar takes up to four bytes.
        guard utf8.count > count,
            let end = unicodeScalars.index(
                unicodeScalars.startIndex,
                offsetBy: count,
                limitedBy: unicodeScalars.endIndex,
            ), end < unicodeScalars.endIndex
        else { return String(self) }
        return String(String.UnicodeScalarView(unicodeScalars[..<end])) + "…"
    }
}
