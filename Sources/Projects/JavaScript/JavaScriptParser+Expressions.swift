import PortlessCore

extension JavaScriptParser {
    mutating func expression() throws(SourceError) -> JavaScriptExpression {
        let first = try assignment()
        guard token.is(",") else { return first }
        var expressions = [first]
        while accept(",") { expressions.append(try assignment()) }
        return node(.sequence(expressions), from: first.range.lowerBound)
    }

    mutating func assignment() throws(SourceError) -> JavaScriptExpression {
        try enter()
        defer { budget.leave() }
        if let function = try arrowFunction() { return function }
        let start = token.range.lowerBound
        if token.isWord("yield") {
            advance()
            _ = try assignment()
            return node(.opaque("yield"), from: start)
        }
        let target = try conditional()
        guard case .punctuator(let text) = token.kind, Self.assignments.contains(text) else {
            return target
        }
        advance()
        return node(.assignment(text, target, try assignment()), from: start)
    }

    private static let assignments: Set<String> = [
        "=", "+=", "-=", "*=", "/=", "%=", "**=", "<<=", ">>=", ">>>=", "&=", "|=", "^=", "&&=",
        "||=", "??=",
    ]

    private mutating func conditional() throws(SourceError) -> JavaScriptExpression {
        let condition = try binary(minimum: 1)
        guard accept("?") else { return condition }
        let allowed = allowsReturnTypes
        allowsReturnTypes = false
        let positive: JavaScriptExpression
        do throws(SourceError) {
            positive = try assignment()
            allowsReturnTypes = allowed
        } catch {
            allowsReturnTypes = allowed
            throw error
        }
        try expect(":")
        let negative = try assignment()
        return node(
            .conditional(condition, positive, negative),
            from: condition.range.lowerBound,
        )
    }

    private static func precedence(of token: JavaScriptToken) -> Int? {
        switch token.kind {
        case .identifier("in"), .identifier("instanceof"): 8
        case .identifier("as"), .identifier("satisfies"): token.followsLineBreak ? nil : 8
        case .punctuator(let text): precedences[text]
        default: nil
        }
    }

    private static let precedences = [
        "??": 1, "||": 2, "&&": 3, "|": 4, "^": 5, "&": 6, "==": 7, "!=": 7, "===": 7, "!==": 7,
        "<": 8, ">": 8, "<=": 8, ">=": 8, "<<": 9, ">>": 9, ">>>": 9, "+": 10, "-": 10, "*": 11,
        "/": 11, "%": 11, "**": 12,
    ]

    private mutating func binary(minimum: Int) throws(SourceError) -> JavaScriptExpression {
        var left = try unary()
        while let precedence = Self.precedence(of: token), precedence >= minimum {
            // `a + b + …` nests to the left as deeply as it is long.
            guard left.height < ReadingBudget.maximumChain else { throw tooLong }
            let start = left.range.lowerBound
            if token.isWord("as") || token.isWord("satisfies") {
                advance()
                try skipType()
                continue
            }
            let text = source.string(token.range)
            advance()
            // `a ** b ** …` nests to the right.
            try enter()
            defer { budget.leave() }
            let right = try binary(minimum: text == "**" ? precedence : precedence + 1)
            left = node(.binary(text, left, right), from: start)
        }
        return left
    }

    private mutating func unary() throws(SourceError) -> JavaScriptExpression {
        try enter()
        defer { budget.leave() }
        let start = token.range.lowerBound
        switch token.kind {
        case .punctuator(let text) where ["+", "-", "!", "~"].contains(text):
            advance()
            return node(.unary(text, try unary()), from: start)
        case .punctuator(let text) where text == "++" || text == "--":
            advance()
            let target = try unary()
            let one = JavaScriptExpression(kind: .number(1), range: target.range)
            return node(.assignment("\(text.prefix(1))=", target, one), from: start)
        case .identifier(let word) where ["typeof", "void", "delete"].contains(word):
            advance()
            return node(.unary(word, try unary()), from: start)
        case .identifier("await") where !peek(1).followsLineBreak && !peek(1).is("."):
            advance()
            return try unary()
        default:
            let operand = try postfix(try primary())
            guard !token.followsLineBreak, token.is("++") || token.is("--") else { return operand }
            // `a++` has the value of `a` before: the new value, less one.
            let symbol = token.is("++") ? "+" : "-"
            advance()
            let one = JavaScriptExpression(kind: .number(1), range: operand.range)
            let update = node(.assignment("\(symbol)=", operand, one), from: start)
            return node(.binary(symbol == "+" ? "-" : "+", update, one), from: start)
        }
    }

    /// Member access, calls and tagged templates after an operand.
    private mutating func postfix(
        _ operand: JavaScriptExpression
    ) throws(SourceError) -> JavaScriptExpression {
        var result = operand
        let start = operand.range.lowerBound
        while true {
            guard result.height < ReadingBudget.maximumChain else { throw tooLong }
            switch token.kind {
            case .punctuator("."), .punctuator("?."):
                let isOptional = token.is("?.")
                advance()
                if isOptional { result = node(.optional(result), from: start) }
                if isOptional, token.is("(") || token.is("[") { continue }
                if case .privateName = token.kind {
                    advance()
                    result = node(.opaque("a private name"), from: start)
                } else {
                    result = node(.member(result, try identifier()), from: start)
                }
            case .punctuator("["):
                advance()
                let key = try expression()
                try expect("]")
                result = node(.element(result, key), from: start)
            case .punctuator("("):
                result = node(.call(result, try arguments()), from: start)
            case .template:
                advance()
                result = node(.opaque("a tagged template"), from: start)
            case .punctuator("!") where !token.followsLineBreak:
                // TypeScript's non-null assertion; a `!=` is another token.
                advance()
            case .punctuator("<"):
                guard let after = typeArgumentsBeforeCall else { return result }
                for _ in 0..<after { advance() }
            default:
                return result
            }
        }
    }

    /// The number of tokens in the `<…>` of `defineConfig<Options>(…)`; nil if `<` compares.
    private var typeArgumentsBeforeCall: Int? { typeArguments(at: 0) }

    /// The number of tokens in the `<…>` at a distance, if a `(` follows; nil otherwise.
    func typeArguments(at start: Int) -> Int? {
        var nesting = 0
        var brackets = 0
        for distance in start..<start + 200 {
            switch peek(distance).kind {
            case .punctuator("("), .punctuator("["), .punctuator("{"): brackets += 1
            case .punctuator(")"), .punctuator("]"), .punctuator("}"):
                brackets -= 1
                if brackets < 0 { return nil }
            case .punctuator("<"): nesting += 1
            case .punctuator(">"): nesting -= 1
            case .punctuator(">>"): nesting -= 2
            case .punctuator(">>>"): nesting -= 3
            case .punctuator(let text) where !Self.partsOfTypes.contains(text): return nil
            case .end, .template, .regularExpression: return nil
            default: break
            }
            if nesting < 0 { return nil }
            if nesting == 0 { return peek(distance + 1).is("(") ? distance + 1 - start : nil }
        }
        return nil
    }

    private static let partsOfTypes: Set<String> = [
        ",", ".", "|", "&", ":", ";", "?", "=", "=>",
    ]

    mutating func arguments() throws(SourceError) -> [JavaScriptExpression.Element] {
        try expect("(")
        return try elements(until: ")")
    }

    private mutating func elements(
        until closing: String
    ) throws(SourceError) -> [JavaScriptExpression.Element] {
        var elements: [JavaScriptExpression.Element] = []
        while !accept(closing) {
            // An element takes more memory than its tokens.
            budget.spend(2)
            if token.is(",") {
                // A hole in an array.
                elements.append(
                    .init(
                        expression: node(.name("undefined"), from: previousEnd),
                        isSpread: false,
                    )
                )
                advance()
                continue
            }
            let isSpread = accept("...")
            elements.append(.init(expression: try assignment(), isSpread: isSpread))
            guard token.is(closing) || accept(",") else {
                throw error("\",\" or \"\(closing)\" is expected, not \(found)")
            }
        }
        return elements
    }

    private mutating func primary() throws(SourceError) -> JavaScriptExpression {
        let start = token.range.lowerBound
        switch token.kind {
        case .number(let value):
            advance()
            return node(.number(value), from: start)
        case .string(let text):
            advance()
            return node(.string(text), from: start)
        case .template(let parts):
            let kind = try template(parts)
            advance()
            return node(kind, from: start)
        case .regularExpression:
            advance()
            return node(.regularExpression, from: start)
        case .punctuator("("):
            advance()
            let inner = try expression()
            try expect(")")
            return inner
        case .punctuator("["):
            advance()
            return node(.array(try elements(until: "]")), from: start)
        case .punctuator("{"):
            return try objectLiteral()
        case .identifier(let word):
            return try word == "new" ? construction() : named(word)
        default:
            throw error("a value is expected, not \(found)")
        }
    }

    private mutating func named(_ word: String) throws(SourceError) -> JavaScriptExpression {
        let start = token.range.lowerBound
        if word == "function" || word == "async" && peek(1).isWord("function") {
            return node(.function(try functionLiteral()), from: start)
        }
        if word == "class" {
            var ignored: Set<String> = []
            while !token.is("{"), token.kind != .end { advance() }
            try skipGroup(collecting: &ignored)
            return node(.opaque("a class"), from: start)
        }
        guard !Self.reserved.contains(word) else {
            throw error("a value is expected, not \(found)")
        }
        advance()
        switch word {
        case "true": return node(.boolean(true), from: start)
        case "false": return node(.boolean(false), from: start)
        case "null": return node(.null, from: start)
        case "import" where token.is("("):
            return node(.opaque("import()"), from: start)
        default: return node(.name(word), from: start)
        }
    }

    private static let reserved: Set<String> = [
        "const", "var", "if", "else", "for", "while", "do", "return", "switch", "case", "break",
        "continue", "default", "export", "throw", "try", "catch", "finally", "in", "instanceof",
        "with", "enum", "extends",
    ]

    private mutating func construction() throws(SourceError) -> JavaScriptExpression {
        try enter()
        defer { budget.leave() }
        let start = token.range.lowerBound
        advance()
        var callee = try primary()
        while accept(".") {
            guard callee.height < ReadingBudget.maximumChain else { throw tooLong }
            callee = node(.member(callee, try identifier()), from: start)
        }
        if token.is("<"), let after = typeArgumentsBeforeCall {
            for _ in 0..<after { advance() }
        }
        let arguments = token.is("(") ? try arguments() : []
        return node(.construction(callee, arguments), from: start)
    }

    private mutating func template(
        _ parts: [JavaScriptToken.TemplatePart]
    ) throws(SourceError) -> JavaScriptExpression.Kind {
        var result: [JavaScriptExpression.TemplatePart] = []
        for part in parts {
            switch part {
            case .text(let text): result.append(.text(text))
            case .tokens(let tokens):
                var inner = JavaScriptParser(tokens, within: self)
                result.append(.expression(try inner.singleExpression()))
            }
        }
        return .template(result)
    }

    private var tooLong: SourceError {
        source.overBudget(at: token.range.lowerBound, "this expression is too long")
    }

    func node(_ kind: JavaScriptExpression.Kind, from start: Int) -> JavaScriptExpression {
        JavaScriptExpression(kind: kind, range: start..<max(start, previousEnd))
    }
}
