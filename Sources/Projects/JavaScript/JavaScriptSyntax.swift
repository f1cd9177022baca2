import PortlessCore

/// An expression of JavaScript, as far as configurations need it, with its place in the file.
struct JavaScriptExpression {
    indirect enum Kind {
        case number(Double)
        case string(String)
        case boolean(Bool)
        case null
        case template([TemplatePart])
        case regularExpression
        case name(String)
        case array([Element])
        case object([Member])
        case member(JavaScriptExpression, String)
        case element(JavaScriptExpression, JavaScriptExpression)
        case call(JavaScriptExpression, [Element])
        case construction(JavaScriptExpression, [Element])
        case unary(String, JavaScriptExpression)
        case binary(String, JavaScriptExpression, JavaScriptExpression)
        case conditional(JavaScriptExpression, JavaScriptExpression, JavaScriptExpression)
        case assignment(String, JavaScriptExpression, JavaScriptExpression)
        case sequence([JavaScriptExpression])
        case function(JavaScriptFunction)
        /// The part before a `?.`: the chain ends there, if it is null or undefined.
        case optional(JavaScriptExpression)
        /// Valid syntax that constants of configurations don't contain.
        case opaque(String)
    }

    enum TemplatePart {
        case text(String)
        case expression(JavaScriptExpression)
    }

    struct Element {
        var expression: JavaScriptExpression
        var isSpread: Bool
    }

    struct Member {
        enum Key {
            case name(String)
            case computed(JavaScriptExpression)
            case spread
        }

        var key: Key
        var value: JavaScriptExpression
        var range: Range<Int>
    }

    let kind: Kind
    let range: Range<Int>
    /// The depth of the tree of expressions.
    ///
    /// Code that walks or releases the tree recurses as deep.
    let height: Int

    init(kind: Kind, range: Range<Int>) {
        self.kind = kind
        self.range = range
        height = 1 + kind.innerHeight
    }
}

extension JavaScriptExpression.Kind {
    fileprivate var innerHeight: Int {
        switch self {
        case .number, .string, .boolean, .null, .regularExpression, .name, .opaque: 0
        case .template(let parts):
            parts.reduce(0) { height, part in
                if case .expression(let inner) = part { max(height, inner.height) } else { height }
            }
        case .array(let elements): elements.height
        case .object(let members):
            members.reduce(0) { height, member in
                let key = if case .computed(let key) = member.key { key.height } else { 0 }
                return max(height, key, member.value.height)
            }
        case .member(let inner, _), .unary(_, let inner), .optional(let inner): inner.height
        case .element(let first, let second), .binary(_, let first, let second),
            .assignment(_, let first, let second):
            max(first.height, second.height)
        case .call(let callee, let arguments), .construction(let callee, let arguments):
            max(callee.height, arguments.height)
        case .conditional(let first, let second, let third):
            max(first.height, second.height, third.height)
        case .sequence(let inner): inner.reduce(0) { max($0, $1.height) }
        case .function(let function): function.height
        }
    }
}

extension [JavaScriptExpression.Element] {
    fileprivate var height: Int { reduce(0) { Swift.max($0, $1.expression.height) } }
}

/// A statement of JavaScript, as far as configurations need it, with its place in the file.
struct JavaScriptStatement {
    struct Binding {
        var pattern: JavaScriptPattern
        var value: JavaScriptExpression?
        var range: Range<Int>
    }

    struct Import {
        var module: String
        /// The imported name for each local name; `default` and `*` stand for themselves.
        var names: [(local: String, imported: String)]
    }

    /// One `case` of a `switch`; `default` has no test.
    struct Case {
        var test: JavaScriptExpression?
        var body: [JavaScriptStatement]
    }

    /// The clause of a `catch`.
    struct Handler {
        var parameter: JavaScriptPattern?
        var body: [JavaScriptStatement]
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
        case loop(JavaScriptLoop)
        case `switch`(JavaScriptExpression, [Case])
        case `try`([JavaScriptStatement], `catch`: Handler?, finally: [JavaScriptStatement])
        case `throw`
        case `break`
        case `continue`
        /// A class or a declaration of types: the names that it assigns are unknown afterwards.
        case opaque(String, assigned: Set<String>)
        case unreadable(SourceError)
        case empty
    }

    let kind: Kind
    let range: Range<Int>
    /// The depth of the tree of statements and expressions.
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
        case .import, .exportNames, .opaque, .unreadable, .empty, .return(nil), .throw, .break,
            .continue:
            0
        case .declaration(let bindings, _):
            bindings.reduce(0) { max($0, $1.pattern.height, $1.value?.height ?? 0) }
        case .expression(let inner), .exportDefault(let inner), .return(let inner?): inner.height
        case .function(let function, _): function.height
        case .conditional(let condition, let positive, let negative):
            max(condition.height, positive.height, negative.height)
        case .block(let statements): statements.height
        case .loop(let loop): loop.height
        case .switch(let value, let cases):
            cases.reduce(value.height) { max($0, $1.test?.height ?? 0, $1.body.height) }
        case .try(let body, let handler, let last):
            max(
                body.height,
                handler?.parameter?.height ?? 0,
                handler?.body.height ?? 0,
                last.height,
            )
        }
    }
}

/// A loop of any kind.
struct JavaScriptLoop {
    enum Head {
        /// `for (start; condition; step)`; a `while` has no start and no step.
        case counting(
            start: [JavaScriptStatement],
            condition: JavaScriptExpression?,
            step: JavaScriptExpression?,
        )
        /// `do … while (condition)`.
        case repeating(JavaScriptExpression)
        /// `for (const pattern of elements)`, and `for … in`, which iterates over keys.
        case each(JavaScriptPattern, of: JavaScriptExpression, isOverKeys: Bool, declares: Bool)
    }

    var head: Head
    var body: [JavaScriptStatement]

    var height: Int {
        switch head {
        case .counting(let start, let condition, let step):
            max(start.height, condition?.height ?? 0, step?.height ?? 0, body.height)
        case .repeating(let condition): max(condition.height, body.height)
        case .each(let pattern, let elements, _, _):
            max(pattern.height, elements.height, body.height)
        }
    }
}

extension [JavaScriptStatement] {
    var height: Int { reduce(0) { Swift.max($0, $1.height) } }
}

/// The target of a declaration or parameter: a name, or the parts of an object or array.
indirect enum JavaScriptPattern {
    struct Property {
        var key: String
        var target: JavaScriptPattern
    }

    case name(String)
    case withDefault(JavaScriptPattern, JavaScriptExpression)
    case object([Property], rest: String?)
    case array([JavaScriptPattern?], rest: String?)
    /// The rest parameter of a function: all remaining arguments.
    case rest(JavaScriptPattern)

    /// Every name that the pattern binds.
    var names: [String] {
        switch self {
        case .name(let name): [name]
        case .withDefault(let pattern, _), .rest(let pattern): pattern.names
        case .object(let properties, let rest):
            properties.flatMap(\.target.names) + (rest.map { [$0] } ?? [])
        case .array(let elements, let rest):
            elements.flatMap { $0?.names ?? [] } + (rest.map { [$0] } ?? [])
        }
    }

    /// The depth of the tree of patterns and expressions.
    var height: Int {
        switch self {
        case .name: 1
        case .rest(let pattern): 1 + pattern.height
        case .withDefault(let pattern, let value): 1 + max(pattern.height, value.height)
        case .object(let properties, _): 1 + properties.reduce(0) { max($0, $1.target.height) }
        case .array(let elements, _): 1 + elements.reduce(0) { max($0, $1?.height ?? 0) }
        }
    }
}

/// A function as written.
struct JavaScriptFunction {
    enum Body {
        case expression(JavaScriptExpression)
        case statements([JavaScriptStatement])
        case unreadable(SourceError)
    }

    var name: String?
    var parameters: [JavaScriptPattern]
    var body: Body
    var isAsync = false

    /// The depth of its highest expression and the statements around it.
    var height: Int {
        let inner =
            switch body {
            case .expression(let expression): expression.height
            case .statements(let statements): statements.height
            case .unreadable: 0
            }
        return parameters.reduce(inner) { max($0, $1.height) }
    }
}
