import PortlessCore

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

    let kind: Kind
    let range: Range<Int>
    /// How many statements and expressions stand in one another.
    let height: Int

    init(kind: Kind, range: Range<Int>) {
        self.kind = kind
        self.range = range
        height = 1 + kind.innerHeight
    }
}

extension JavaScriptStatement.Kind {
    fileprivate var innerHeight: Int {
        switch self {
        case .import, .exportNames, .opaque, .unreadable, .empty, .return(nil): 0
        case .declaration(let bindings, _):
            bindings.reduce(0) { max($0, $1.pattern.height, $1.value?.height ?? 0) }
        case .expression(let inner), .exportDefault(let inner), .return(let inner?): inner.height
        case .function(let function, _): function.height
        case .conditional(let condition, let positive, let negative):
            max(condition.height, positive.height, negative.height)
        case .block(let statements): statements.height
        }
    }
}

extension [JavaScriptStatement] {
    var height: Int { reduce(0) { Swift.max($0, $1.height) } }
}
