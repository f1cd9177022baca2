import PortlessCore

/// Reads JavaScript into statements and expressions; nothing is ever executed.
///
/// It accepts a superset of the language of configurations, TypeScript's annotations included. An
/// unreadable statement becomes `.unreadable`, and parsing goes on with the next one.
struct JavaScriptParser {
    let source: SourceText
    let comments: CommentIndex
    let budget: ReadingBudget
    private let tokens: [JavaScriptToken]
    /// The index of the partner for each opening bracket; -1 if it is unclosed, or no bracket.
    private let partners: [Int]
    private(set) var index = 0
    /// False between `?` and `:`, where `(a): b => c` isn't a function with a type.
    var allowsReturnTypes = true

    init(
        _ source: SourceText,
        budget: ReadingBudget = ReadingBudget(),
    ) throws(SourceError) {
        var lexer = JavaScriptLexer(source, budget: budget)
        tokens = try lexer.tokens()
        partners = Self.partners(in: tokens)
        comments = CommentIndex(lexer.comments, in: source)
        self.source = source
        self.budget = budget
    }

    /// A parser for the tokens of a template's substitution.
    init(_ tokens: [JavaScriptToken], within outer: JavaScriptParser) {
        source = outer.source
        comments = outer.comments
        budget = outer.budget
        let end = tokens.last?.range.upperBound ?? 0
        self.tokens =
            tokens + [.init(kind: .end, range: end..<end, followsLineBreak: true)]
        partners = Self.partners(in: self.tokens)
    }

    private static func partners(in tokens: [JavaScriptToken]) -> [Int] {
        var partners = [Int](repeating: -1, count: tokens.count)
        var open: [Int] = []
        for (index, token) in tokens.enumerated() {
            guard case .punctuator(let text) = token.kind else { continue }
            if "([{".contains(text) { open.append(index) }
            if ")]}".contains(text), let opening = open.popLast() { partners[opening] = index }
        }
        return partners
    }

    /// The whole file.
    mutating func program() -> [JavaScriptStatement] {
        var statements: [JavaScriptStatement] = []
        while token.kind != .end {
            statements.append(recoveringStatement())
            if budget.isFileSpent { break }
        }
        return statements
    }

    /// The whole file as one expression: JSON with comments.
    mutating func singleExpression() throws(SourceError) -> JavaScriptExpression {
        guard token.kind != .end else { throw error("this file is empty") }
        let expression = try assignment()
        guard token.kind == .end else { throw error("\(found) is not expected after the value") }
        return expression
    }

    /// One statement; if it is unreadable, the error, and everything up to the next statement is
    /// skipped.
    mutating func recoveringStatement() -> JavaScriptStatement {
        let start = index
        do {
            return try statement()
        } catch {
            index = start
            skipStatement()
            return JavaScriptStatement(
                kind: .unreadable(error),
                range: tokens[start].range.lowerBound..<previousEnd,
            )
        }
    }

    // MARK: Tokens

    var token: JavaScriptToken { tokens[index] }

    var previousEnd: Int { index > 0 ? tokens[index - 1].range.upperBound : 0 }

    var previousToken: JavaScriptToken? { index > 0 ? tokens[index - 1] : nil }

    func peek(_ distance: Int) -> JavaScriptToken {
        tokens[min(index + distance, tokens.count - 1)]
    }

    /// Goes one level of recursion deeper; `budget.leave` has to follow.
    func enter() throws(SourceError) {
        guard !budget.isFileSpent else {
            throw source.overBudget(at: token.range.lowerBound)
        }
        guard budget.enter() else { throw tooDeep }
    }

    var tooDeep: SourceError {
        source.overBudget(at: token.range.lowerBound, OverBudget.depth)
    }

    mutating func advance() {
        budget.spend()
        if index < tokens.count - 1 { index += 1 }
    }

    mutating func accept(_ punctuator: String) -> Bool {
        guard token.is(punctuator) else { return false }
        advance()
        return true
    }

    mutating func acceptWord(_ word: String) -> Bool {
        guard token.isWord(word) else { return false }
        advance()
        return true
    }

    mutating func expect(_ punctuator: String) throws(SourceError) {
        guard accept(punctuator) else { throw error("\"\(punctuator)\" is expected, not \(found)") }
    }

    mutating func identifier() throws(SourceError) -> String {
        guard case .identifier(let name) = token.kind else {
            throw error("a name is expected, not \(found)")
        }
        advance()
        return name
    }

    func error(_ reason: String) -> SourceError {
        source.error(at: token.range.lowerBound, reason)
    }

    /// The current token in words, for error sentences.
    var found: String {
        if token.kind == .end { return "the end of the file" }
        // Forty characters have at most this many bytes.
        let text = source.string(token.range.prefix(160))
        return "\"\(text.shortened(to: 40))\""
    }

    mutating func endStatement() throws(SourceError) {
        if accept(";") { return }
        guard token.is("}") || token.kind == .end || token.followsLineBreak else {
            throw error("\(found) is not expected here")
        }
    }

    /// The distance from the bracket at `distance` to the token after its partner; nil if unclosed.
    func distanceAfterBracket(at distance: Int) -> Int? {
        let opening = index + distance
        guard opening < partners.count, partners[opening] >= 0 else { return nil }
        return partners[opening] - index + 1
    }

    /// Skips a bracketed group and returns the names assigned inside.
    mutating func skipGroup(collecting names: inout Set<String>) throws(SourceError) {
        guard let distance = distanceAfterBracket(at: 0) else {
            throw error("\(found) is never closed")
        }
        let end = index + distance
        while index < end {
            if let name = assignedName { names.insert(name) }
            advance()
        }
    }

    /// The first name of `a.b.c =`, `a++` and the like, beginning at the current token.
    var assignedName: String? {
        guard case .identifier(let name) = token.kind, index == 0 || !tokens[index - 1].is(".")
        else {
            return nil
        }
        var distance = 1
        while true {
            if peek(distance).is(".") {
                distance += 2
            } else if peek(distance).is("["), let after = distanceAfterBracket(at: distance) {
                distance = after
            } else {
                break
            }
        }
        guard case .punctuator(let text) = peek(distance).kind else { return nil }
        let isUpdate = text == "++" || text == "--"
        let isAssignment =
            text.hasSuffix("=") && !["==", "===", "!=", "!==", "<=", ">="].contains(text)
        return isUpdate || isAssignment ? name : nil
    }

    /// Advances to the probable beginning of the next statement.
    private mutating func skipStatement() {
        var nesting = 0
        repeat {
            if case .punctuator(let text) = token.kind {
                if "([{".contains(text) { nesting += 1 }
                if ")]}".contains(text) { nesting -= 1 }
                if nesting < 0 {
                    nesting = 0
                }
            }
            let endsStatement = token.is(";") && nesting == 0
            advance()
            if endsStatement { return }
        } while token.kind != .end && !(nesting == 0 && token.followsLineBreak && startsStatement)
    }

    private var startsStatement: Bool {
        guard case .identifier(let word) = token.kind else { return false }
        return [
            "const", "let", "var", "module", "exports", "export", "import", "function", "class",
            "if", "for", "while", "try",
        ].contains(word)
    }
}
