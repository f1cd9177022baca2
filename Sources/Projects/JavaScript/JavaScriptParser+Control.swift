import PortlessCore

/// Loops, `switch`, `try` and TypeScript's enumerations.
extension JavaScriptParser {
    mutating func forLoop() throws(SourceError) -> JavaScriptLoop {
        advance()
        _ = acceptWord("await")
        try expect("(")
        if let head = try eachHead() { return JavaScriptLoop(head: head, body: [try statement()]) }
        var start: [JavaScriptStatement] = []
        if !token.is(";") {
            let begin = token.range.lowerBound
            let kind: JavaScriptStatement.Kind =
                startsDeclaration
                ? .declaration(try bindings(), isExported: false) : .expression(try expression())
            start = [JavaScriptStatement(kind: kind, range: begin..<max(begin, previousEnd))]
        }
        try expect(";")
        let condition = token.is(";") ? nil : try expression()
        try expect(";")
        let step = token.is(")") ? nil : try expression()
        try expect(")")
        let head = JavaScriptLoop.Head.counting(start: start, condition: condition, step: step)
        return JavaScriptLoop(head: head, body: [try statement()])
    }

    private var startsDeclaration: Bool {
        ["const", "let", "var"].contains { token.isWord($0) }
    }

    /// `const pattern of elements)`; nil, and nothing consumed, for a counting loop.
    private mutating func eachHead() throws(SourceError) -> JavaScriptLoop.Head? {
        let start = self
        let declares = startsDeclaration
        if declares { advance() }
        guard token.is("{") || token.is("[") || isName(token), let pattern = try? pattern(),
            token.isWord("of") || token.isWord("in")
        else {
            self = start
            return nil
        }
        let isOverKeys = token.isWord("in")
        advance()
        let elements = try expression()
        try expect(")")
        return .each(pattern, of: elements, isOverKeys: isOverKeys, declares: declares)
    }

    private func isName(_ token: JavaScriptToken) -> Bool {
        if case .identifier = token.kind { true } else { false }
    }

    mutating func whileLoop() throws(SourceError) -> JavaScriptLoop {
        advance()
        let condition = try parenthesized()
        let head = JavaScriptLoop.Head.counting(start: [], condition: condition, step: nil)
        return JavaScriptLoop(head: head, body: [try statement()])
    }

    mutating func doLoop() throws(SourceError) -> JavaScriptLoop {
        advance()
        let body = [try statement()]
        guard acceptWord("while") else { throw error("\"while\" is expected, not \(found)") }
        let condition = try parenthesized()
        _ = accept(";")
        return JavaScriptLoop(head: .repeating(condition), body: body)
    }

    private mutating func parenthesized() throws(SourceError) -> JavaScriptExpression {
        try expect("(")
        let inner = try expression()
        try expect(")")
        return inner
    }

    mutating func switchStatement() throws(SourceError) -> JavaScriptStatement.Kind {
        advance()
        let value = try parenthesized()
        try expect("{")
        var cases: [JavaScriptStatement.Case] = []
        while !accept("}") {
            var test: JavaScriptExpression?
            if acceptWord("case") {
                test = try expression()
            } else if !acceptWord("default") {
                throw error("\"case\" is expected, not \(found)")
            }
            try expect(":")
            var body: [JavaScriptStatement] = []
            while !token.is("}"), !token.isWord("case"), !(token.isWord("default")) {
                guard token.kind != .end else { throw error("\"}\" is expected, not \(found)") }
                body.append(try statement())
            }
            cases.append(.init(test: test, body: body))
        }
        return .switch(value, cases)
    }

    mutating func tryStatement() throws(SourceError) -> JavaScriptStatement.Kind {
        advance()
        let body = try block()
        var handler: JavaScriptStatement.Handler?
        if acceptWord("catch") {
            var parameter: JavaScriptPattern?
            if accept("(") {
                parameter = try pattern()
                try expect(")")
            }
            handler = .init(parameter: parameter, body: try block())
        }
        let last = acceptWord("finally") ? try block() : []
        return .try(body, catch: handler, finally: last)
    }

    /// `enum Ports { api = 4000, ui }` as the equivalent object.
    mutating func enumeration() throws(SourceError) -> JavaScriptStatement.Kind {
        let start = token.range.lowerBound
        advance()
        let name = try identifier()
        try expect("{")
        var members: [JavaScriptExpression.Member] = []
        var next: JavaScriptExpression? = node(.number(0), from: start)
        while !accept("}") {
            let begin = token.range.lowerBound
            let key: String
            if case .string(let text) = token.kind {
                advance()
                key = text
            } else {
                key = try identifier()
            }
            if accept("=") { next = try assignment() }
            let value = next ?? node(.opaque("this member"), from: begin)
            members.append(.init(key: .name(key), value: value, range: begin..<previousEnd))
            next = nil
            if case .number(let number) = value.kind {
                next = node(.number(number + 1), from: begin)
            }
            guard token.is("}") || accept(",") else {
                throw error("\",\" or \"}\" is expected, not \(found)")
            }
        }
        let value = node(.object(members), from: start)
        let binding = JavaScriptStatement.Binding(
            pattern: .name(name),
            value: value,
            range: start..<previousEnd,
        )
        return .declaration([binding], isExported: false)
    }
}
