/// A function as written; its body is only looked at where its result is a plain expression.
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
}
