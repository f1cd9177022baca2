extension JavaScriptParser {
    mutating func objectLiteral() throws(SourceError) -> JavaScriptExpression {
        let start = token.range.lowerBound
        try expect("{")
        var members: [JavaScriptExpression.Member] = []
        while !accept("}") {
            members.append(try member())
            guard token.is("}") || accept(",") else {
                throw error("\",\" or \"}\" is expected, not \(found)")
            }
        }
        return node(.object(members), from: start)
    }

    private mutating func member() throws(SourceError) -> JavaScriptExpression.Member {
        let start = token.range.lowerBound
        if accept("...") {
            let value = try assignment()
            return .init(key: .spread, value: value, range: start..<previousEnd)
        }
        var isMethod = false
        for modifier in ["async", "get", "set"] where token.isWord(modifier) && !endsKey(peek(1)) {
            advance()
            isMethod = true
        }
        if accept("*") { isMethod = true }
        let shorthand: String? = if case .identifier(let name) = token.kind { name } else { nil }
        let key = try memberKey()
        if isMethod || token.is("(") {
            let function = try functionTail(name: nil, isAsync: false)
            let value = node(.function(function), from: start)
            return .init(key: key, value: value, range: start..<previousEnd)
        }
        if accept(":") {
            let value = try assignment()
            return .init(key: key, value: value, range: start..<previousEnd)
        }
        guard let shorthand else { throw error("\":\" is expected, not \(found)") }
        let value = node(.name(shorthand), from: start)
        return .init(key: key, value: value, range: start..<previousEnd)
    }

    private func endsKey(_ token: JavaScriptToken) -> Bool {
        [":", ",", "}", "("].contains { token.is($0) }
    }

    private mutating func memberKey() throws(SourceError) -> JavaScriptExpression.Member.Key {
        let kind = token.kind
        switch kind {
        case .identifier(let name), .string(let name):
            advance()
            return .name(name)
        case .number(let value):
            advance()
            return .name(JavaScriptValue.text(of: value))
        case .punctuator("["):
            advance()
            let key = try assignment()
            try expect("]")
            return .computed(key)
        default:
            throw error("a property is expected, not \(found)")
        }
    }
}
