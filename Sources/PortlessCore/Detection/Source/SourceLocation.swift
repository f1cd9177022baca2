/// Where in a project's own files something stands.
package struct SourceLocation: Hashable, Sendable {
    /// The file's path, relative to the project's directory.
    package var file: String
    /// Counted from one.
    package var line: Int
    /// The UTF-8 offsets of the literal itself; nil where a value was computed, not written.
    package var range: Range<Int>?

    package init(file: String, line: Int, range: Range<Int>? = nil) {
        self.file = file
        self.line = line
        self.range = range
    }
}

extension SourceLocation: Comparable {
    package static func < (lhs: SourceLocation, rhs: SourceLocation) -> Bool {
        (lhs.file, lhs.line, lhs.range?.lowerBound ?? 0)
            < (rhs.file, rhs.line, rhs.range?.lowerBound ?? 0)
    }
}
