/// A file of a project that can't be read as what its name says it is.
package struct SourceError: Error, Hashable, Sendable, CustomStringConvertible {
    package var file: String
    package var line: Int
    package var reason: String

    package init(file: String, line: Int, reason: String) {
        self.file = file
        self.line = line
        self.reason = reason.withVisibleControls
    }

    package var description: String { "\(file):\(line): \(reason)" }
}
