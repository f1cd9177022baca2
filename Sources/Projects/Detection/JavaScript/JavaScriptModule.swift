import PortlessCore

/// One file being read: its text, its top-level names, and what it exports.
final class JavaScriptModule {
    let source: SourceText
    let comments: CommentIndex
    let scope: JavaScriptScope
    var exports: JavaScriptValue
    var isECMAScriptModule = false
    /// Once an assignment under an unknown condition touched the exports.
    private(set) var problems: [Unresolved] = []
    /// Who sees these doesn't need more of them.
    private static let maximumProblems = 50

    init(source: SourceText, comments: CommentIndex) {
        self.source = source
        self.comments = comments
        scope = JavaScriptScope()
        exports = JavaScriptValue(
            .object(JavaScriptObject()),
            at: SourceLocation(file: source.file, line: 1),
        )
    }

    func report(_ problem: Unresolved) {
        if problems.count < Self.maximumProblems { problems.append(problem) }
    }

    /// The directory of the file within the project; empty for the project's own.
    var directory: String {
        guard let slash = source.file.lastIndex(of: "/") else { return "" }
        return String(source.file[..<slash])
    }

    func location(_ range: Range<Int>) -> SourceLocation { source.location(range) }
}
