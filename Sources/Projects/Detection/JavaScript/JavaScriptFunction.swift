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

    /// Of the highest expression in it, and of the statements around that.
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
