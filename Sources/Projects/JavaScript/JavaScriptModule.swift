import PortlessCore

/// One file being read: its text, its top-level names, and its exports.
final class JavaScriptModule {
    let source: SourceText
    let comments: CommentIndex
    let scope: JavaScriptScope
    /// The file's exports, which its own statements and requiring files may still change.
    var live: ConfigurationValue
    /// The file's exports, once it has been read.
    private(set) var exports: ConfigurationValue
    var isECMAScriptModule = false
    /// Problems with the exports, such as an assignment under an unknown condition.
    private(set) var problems: [Unresolved] = []
    /// The most problems that are kept.
    private static let maximumProblems = 50

    init(source: SourceText, comments: CommentIndex, doubts: Int = 0) {
        self.source = source
        self.comments = comments
        scope = JavaScriptScope(doubts: doubts)
        let empty = JavaScriptObject(.object(ConfigurationObject()), doubts: doubts)
        live = ConfigurationValue(
            .reference(empty),
            at: SourceLocation(file: source.file, line: 1),
        )
        exports = live.plain
    }

    /// Fixes the file's exports in their present state.
    func finish() { exports = live.plain }

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

/// The names visible at one place; shared by the functions written there.
final class JavaScriptScope {
    private let parent: JavaScriptScope?
    private var values: [String: ConfigurationValue] = [:]
    /// Whether a function was written here, which retains the scope.
    var isCaptured = false
    /// The number of unknown conditions when it began.
    let doubts: Int

    init(parent: JavaScriptScope? = nil, doubts: Int) {
        self.parent = parent
        self.doubts = doubts
    }

    func value(of name: String) -> ConfigurationValue? {
        values[name] ?? parent?.value(of: name)
    }

    func declare(_ name: String, _ value: ConfigurationValue) {
        values[name] = value
    }

    /// Forgets all names.
    func removeAll() { values = [:] }

    /// The scope of the innermost declaration; an undeclared name is a global.
    func owner(of name: String) -> JavaScriptScope {
        var scope = self
        while scope.values[name] == nil, let parent = scope.parent { scope = parent }
        return scope
    }
}

/// A function together with the scope and file that it was written in.
struct JavaScriptClosure {
    var function: JavaScriptFunction
    var scope: JavaScriptScope
    /// The evaluator retains it; a module's exports must not retain the module.
    weak var module: JavaScriptModule?
}
