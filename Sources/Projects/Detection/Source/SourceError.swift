import PortlessCore

/// A file of a project that can't be read as what its name says it is.
package struct SourceError: Error, Hashable, Sendable, CustomStringConvertible {
    package var file: String
    package var line: Int
    package var reason: String
    /// Nothing is wrong with the file, but it takes too much to read it.
    package var isOverBudget = false

    package init(file: String, line: Int, reason: String) {
        self.file = file
        self.line = line
        self.reason = reason.withVisibleControls
    }

    init(unreadable file: String, because error: any Error) {
        self.init(file: file, line: 1, reason: "it can't be read: \(error)")
        isOverBudget = error is OverBudget
    }

    package var description: String { "\(file):\(line): \(reason)" }
}
