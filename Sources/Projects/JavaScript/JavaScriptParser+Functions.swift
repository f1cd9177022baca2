extension JavaScriptParser {
    /// An arrow function, if one begins here.
    mutating func arrowFunction() throws(SourceError) -> JavaScriptExpression? {
        let start = token.range.lowerBound
        var distance = 0
        let isAsync = token.isWord("async") && !peek(1).followsLineBreak && !peek(1).is("=>")
        if isAsync { distance = 1 }
        // `<T>(x: T) => …`
        let typeParameters = peek(distance).is("<") ? typeArguments(at: distance) ?? 0 : 0
        distance += typeParameters
        switch peek(distance).kind {
        case .identifier where peek(distance + 1).is("=>"):
            break
        case .punctuator("("):
            guard let after = distanceAfterBracket(at: distance),
                peek(after).is("=>") || isReturnType(at: after)
            else { return nil }
        default:
            return nil
        }
        for _ in 0..<distance { advance() }
        var function = JavaScriptFunction(parameters: [], body: .statements([]), isAsync: isAsync)
        if token.is("(") {
            function.parameters = try parameters()
            if accept(":") { try skipType(isOfArrow: true) }
        } else {
            function.parameters = [.name(try identifier())]
        }
        try expect("=>")
        function.body = token.is("{") ? try body() : .expression(try assignment())
        return node(.function(function), from: start)
    }

    /// `(mode): Promise<UserConfig> => …`, which differs from `a ? (b) : c` by the arrow after the
    /// type.
    private func isReturnType(at distance: Int) -> Bool {
        guard allowsReturnTypes, peek(distance).is(":") else { return false }
        var ahead = self
        for _ in 0...distance { ahead.advance() }
        do throws(SourceError) {
            try ahead.skipType(isOfArrow: true)
        } catch {
            return false
        }
        return ahead.token.is("=>")
    }

    mutating func functionLiteral() throws(SourceError) -> JavaScriptFunction {
        let isAsync = acceptWord("async")
        guard acceptWord("function") else { throw error("\"function\" is expected, not \(found)") }
        _ = accept("*")
        let name: String? = token.is("(") || token.is("<") ? nil : try identifier()
        return try functionTail(name: name, isAsync: isAsync)
    }

    mutating func functionTail(
        name: String?,
        isAsync: Bool,
    ) throws(SourceError) -> JavaScriptFunction {
        if token.is("<") { try skipTypeArguments() }
        let parameters = try parameters()
        if accept(":") { try skipType() }
        return JavaScriptFunction(
            name: name,
            parameters: parameters,
            body: try body(),
            isAsync: isAsync,
        )
    }

    private mutating func parameters() throws(SourceError) -> [JavaScriptPattern] {
        try expect("(")
        var parameters: [JavaScriptPattern] = []
        while !accept(")") {
            let isRest = accept("...")
            let pattern = try pattern()
            parameters.append(isRest ? .rest(pattern) : pattern)
            guard token.is(")") || accept(",") else {
                throw error("\",\" or \")\" is expected, not \(found)")
            }
        }
        return parameters
    }

    /// A function's body; unreadable code inside affects the function, not the file.
    private mutating func body() throws(SourceError) -> JavaScriptFunction.Body {
        guard token.is("{"), let distance = distanceAfterBracket(at: 0) else {
            throw error("a function's body is expected, not \(found)")
        }
        let end = index + distance
        do {
            return .statements(try block())
        } catch {
            while index < end { advance() }
            return .unreadable(error)
        }
    }

    /// A binding pattern with its TypeScript annotation and default, if any.
    mutating func pattern() throws(SourceError) -> JavaScriptPattern {
        try enter()
        defer { budget.leave() }
        let pattern: JavaScriptPattern
        if accept("{") {
            pattern = try objectPattern()
        } else if accept("[") {
            pattern = try arrayPattern()
        } else {
            pattern = .name(try identifier())
        }
        _ = accept("?")
        _ = accept("!")
        if accept(":") { try skipType() }
        return accept("=") ? .withDefault(pattern, try assignment()) : pattern
    }

    private mutating func objectPattern() throws(SourceError) -> JavaScriptPattern {
        var properties: [JavaScriptPattern.Property] = []
        var rest: String?
        while !accept("}") {
            if accept("...") {
                rest = try identifier()
            } else {
                properties.append(try objectPatternProperty())
            }
            guard token.is("}") || accept(",") else {
                throw error("\",\" or \"}\" is expected, not \(found)")
            }
        }
        return .object(properties, rest: rest)
    }

    private mutating func objectPatternProperty() throws(SourceError) -> JavaScriptPattern.Property
    {
        let key: String
        if case .string(let text) = token.kind {
            advance()
            key = text
        } else {
            key = try identifier()
        }
        if accept(":") { return .init(key: key, target: try pattern()) }
        guard accept("=") else { return .init(key: key, target: .name(key)) }
        return .init(key: key, target: .withDefault(.name(key), try assignment()))
    }

    private mutating func arrayPattern() throws(SourceError) -> JavaScriptPattern {
        var elements: [JavaScriptPattern?] = []
        var rest: String?
        while !accept("]") {
            if accept(",") {
                elements.append(nil)
                continue
            }
            if accept("...") {
                rest = try identifier()
            } else {
                elements.append(try pattern())
            }
            guard token.is("]") || accept(",") else {
                throw error("\",\" or \"]\" is expected, not \(found)")
            }
        }
        return .array(elements, rest: rest)
    }

    /// Skips one TypeScript type.
    ///
    /// An arrow function's return type ends before the arrow.
    mutating func skipType(isOfArrow: Bool = false) throws(SourceError) {
        let stops = [
            "=", ",", ")", "]", "}", ";", "=>", "||", "??", "&&", "?", ":", "==", "===", "!=",
            "!==",
            "+", "-",
        ]
        var isFirst = true
        while token.kind != .end {
            if !isFirst, token.followsLineBreak, !token.is("|"), !token.is("&"), !token.is(".") {
                return
            }
            if token.is("{") || token.is("[") || token.is("(") {
                let continues = ["|", "&"].contains { previousToken?.is($0) == true }
                guard !token.is("{") || isFirst || continues else { return }
                var ignored: Set<String> = []
                try skipGroup(collecting: &ignored)
            } else if token.is("<") {
                try skipTypeArguments()
            } else if !isOfArrow, token.is("=>"), previousToken?.is(")") == true {
                advance()
                isFirst = true
                continue
            } else {
                if stops.contains(where: { token.is($0) }) { return }
                if token.isWord("satisfies") || token.isWord("as") { return }
                advance()
            }
            isFirst = false
        }
    }

    private mutating func skipTypeArguments() throws(SourceError) {
        var nesting = 0
        repeat {
            guard token.kind != .end else { throw error("\"<\" is never closed") }
            if token.is("<") { nesting += 1 }
            if token.is(">") { nesting -= 1 }
            if token.is(">>") { nesting -= 2 }
            if token.is(">>>") { nesting -= 3 }
            advance()
        } while nesting > 0
    }
}

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
        let isGetter = token.isWord("get") && !endsKey(peek(1))
        for modifier in ["async", "get", "set"] where token.isWord(modifier) && !endsKey(peek(1)) {
            advance()
            isMethod = true
        }
        if accept("*") { isMethod = true }
        let shorthand: String? = if case .identifier(let name) = token.kind { name } else { nil }
        let key = try memberKey()
        if isMethod || token.is("(") || token.is("<") {
            let function = try functionTail(name: nil, isAsync: false)
            let value = node(isGetter ? .opaque("a getter") : .function(function), from: start)
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
        [":", ",", "}", "(", "<"].contains { token.is($0) }
    }

    private mutating func memberKey() throws(SourceError) -> JavaScriptExpression.Member.Key {
        let kind = token.kind
        switch kind {
        case .identifier(let name), .string(let name):
            advance()
            return .name(name)
        case .number(let value):
            advance()
            return .name(ConfigurationValue.text(of: value))
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
