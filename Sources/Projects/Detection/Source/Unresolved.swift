import PortlessCore

/// Something in a project's files that bears on its ports and can't be known by reading.
package struct Unresolved: Hashable, Sendable {
    package var file: String
    package var line: Int
    package var reason: String
    /// The file isn't what its name says, so that nothing in it is known.
    package var isMalformed = false

    private static let maximumLength = 400

    package init(file: String, line: Int, reason: String) {
        self.file = file
        self.line = line
        // It may quote what stands in the file, and goes to terminals.
        self.reason = reason.shortened(to: Self.maximumLength).withVisibleControls
    }

    init(_ error: SourceError) {
        self.init(file: error.file, line: error.line, reason: error.reason)
    }

    init(malformed error: SourceError) {
        self.init(error)
        isMalformed = !error.isOverBudget
    }

    /// The same, where the file as a whole could be read.
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
