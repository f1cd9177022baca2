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

    var kind: Kind
    var range: Range<Int>
}
