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
        /// Well-formed, but nothing that a configuration's constants are made of.
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
    /// How many expressions stand in one another.
    ///
    /// What walks or releases the tree recurses as deep.
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
        case .member(let inner, _), .unary(_, let inner): inner.height
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
