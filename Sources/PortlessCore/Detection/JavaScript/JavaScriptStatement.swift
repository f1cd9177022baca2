/// A statement of JavaScript, as far as configurations need it, with its place in the file.
struct JavaScriptStatement {
    struct Binding {
        var pattern: JavaScriptPattern
        var value: JavaScriptExpression?
        var range: Range<Int>
    }

    struct Import {
        var module: String
        /// Local name to what is imported; `default` and `*` stand for themselves.
        var names: [(local: String, imported: String)]
    }

    indirect enum Kind {
        case declaration([Binding], isExported: Bool)
        case expression(JavaScriptExpression)
        case function(JavaScriptFunction, isExported: Bool)
        case `return`(JavaScriptExpression?)
        case conditional(
            JavaScriptExpression,
            [JavaScriptStatement],
            otherwise: [JavaScriptStatement],
        )
        case block([JavaScriptStatement])
        case `import`(Import)
        case exportDefault(JavaScriptExpression)
        case exportNames([(local: String, exported: String)], from: String?)
        /// A loop, `switch`, `try` or class: whatever it assigns is unknown afterwards.
        case opaque(String, assigned: Set<String>)
        case unreadable(SourceError)
        case empty
    }

    var kind: Kind
    var range: Range<Int>
}
