/// One file being read: its text, its top-level names, and what it exports.
final class JavaScriptModule {
    let source: SourceText
    let comments: CommentIndex
    let scope: JavaScriptScope
    var exports: JavaScriptValue
    var isECMAScriptModule = false
    /// Once an assignment under an unknown condition touched the exports.
    var problems: [Unresolved] = []

    init(source: SourceText, comments: CommentIndex) {
        self.source = source
        self.comments = comments
        scope = JavaScriptScope()
        exports = JavaScriptValue(
            .object(JavaScriptObject()),
            at: SourceLocation(file: source.file, line: 1),
        )
    }

    /// The directory of the file within the project; empty for the project's own.
    var directory: String {
        guard let slash = source.file.lastIndex(of: "/") else { return "" }
        return String(source.file[..<slash])
    }

    func location(_ range: Range<Int>) -> SourceLocation { source.location(range) }
}
