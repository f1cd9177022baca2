import PortlessCore

/// Splits JavaScript (and the JSON and TypeScript that configurations use) into tokens.
struct JavaScriptLexer {
    let source: SourceText
    var position = 0
    private(set) var comments: [SourceComment] = []
    private let budget: ReadingBudget

    init(_ source: SourceText, budget: ReadingBudget = ReadingBudget()) {
        self.source = source
        self.budget = budget
        if source.bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
        if source.bytes[position...].starts(with: Array("#!".utf8)) { skipLine() }
    }

    /// All tokens to the end of the file; the last one is `.end`.
    mutating func tokens() throws(SourceError) -> [JavaScriptToken] {
        var tokens = try tokens(untilClosingBrace: false)
        tokens.append(.init(kind: .end, range: position..<position, followsLineBreak: true))
        return tokens
    }

    var byte: UInt8? { peek(0) }

    func peek(_ distance: Int) -> UInt8? {
        let index = position + distance
        return index < source.bytes.count ? source.bytes[index] : nil
    }

    private mutating func tokens(
        untilClosingBrace: Bool
    ) throws(SourceError) -> [JavaScriptToken] {
        let opening = position
        var tokens: [JavaScriptToken] = []
        var depth = 0
        while true {
            let lineBreak = try skipBlanksAndComments()
            guard let byte else {
                guard untilClosingBrace else { return tokens }
                throw source.error(at: opening, "this template substitution is never closed")
            }
            if byte == UInt8(ascii: "{") { depth += 1 }
            if byte == UInt8(ascii: "}") {
                if untilClosingBrace, depth == 0 { return tokens }
                depth -= 1
            }
            let start = position
            guard budget.spend() else { throw source.overBudget(at: start) }
            let kind = try token(startingWith: byte, after: tokens.last)
            tokens.append(.init(kind: kind, range: start..<position, followsLineBreak: lineBreak))
        }
    }

    private mutating func token(
        startingWith byte: UInt8,
        after previous: JavaScriptToken?,
    ) throws(SourceError) -> JavaScriptToken.Kind {
        switch byte {
        case UInt8(ascii: "'"), UInt8(ascii: "\""):
            return .string(try stringLiteral(quote: byte))
        case UInt8(ascii: "`"):
            return try templateLiteral()
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            return .number(try numberLiteral())
        case UInt8(ascii: ".") where peek(1).map(Self.isDigit) == true:
            return .number(try numberLiteral())
        case UInt8(ascii: "/") where Self.expressionMayStart(after: previous):
            let start = position
            if let end = endOfRegularExpression {
                position = end
                return .regularExpression
            }
            // The rest of the line was searched in vain.
            let line = source.range(ofLine: source.line(at: start))
            guard budget.spend(bytes: line.upperBound - start) else {
                throw source.overBudget(at: start)
            }
            return try punctuator()
        case UInt8(ascii: "#"):
            position += 1
            _ = try identifier()
            return .privateName
        case _ where Self.startsIdentifier(byte):
            return .identifier(try identifier())
        default:
            return try punctuator()
        }
    }

    private mutating func templateLiteral() throws(SourceError) -> JavaScriptToken.Kind {
        let start = position
        guard budget.enter() else {
            throw source.error(at: start, "template literals are nested too deeply")
        }
        defer { budget.leave() }
        position += 1
        var parts: [JavaScriptToken.TemplatePart] = []
        var text: [UInt8] = []
        while let byte {
            switch byte {
            case UInt8(ascii: "`"):
                position += 1
                parts.append(.text(String(decoding: text, as: UTF8.self)))
                return .template(parts)
            case UInt8(ascii: "$") where peek(1) == UInt8(ascii: "{"):
                parts.append(.text(String(decoding: text, as: UTF8.self)))
                text = []
                position += 2
                parts.append(.tokens(try tokens(untilClosingBrace: true)))
                position += 1
            case UInt8(ascii: "\\"):
                try escape(into: &text)
            default:
                text.append(byte)
                position += 1
            }
        }
        throw source.error(at: start, "this template literal is never closed")
    }

    /// True where a line break was skipped.
    private mutating func skipBlanksAndComments() throws(SourceError) -> Bool {
        var lineBreak = position == 0
        while let byte {
            switch byte {
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                lineBreak = true
                position += 1
            case 0x09, 0x0B, 0x0C, 0x20:
                position += 1
            case 0xC2 where peek(1) == 0xA0:
                position += 2
            case 0xEF where peek(1) == 0xBB && peek(2) == 0xBF:
                position += 3
            case 0xE2 where peek(1) == 0x80 && (peek(2) == 0xA8 || peek(2) == 0xA9):
                lineBreak = true
                position += 3
            case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "/"):
                lineComment()
            case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "*"):
                if try blockComment() { lineBreak = true }
            default:
                return lineBreak
            }
        }
        return true
    }

    private mutating func lineComment() {
        let start = position
        skipLine()
        record(start..<position, text: start + 2..<position)
    }

    private mutating func blockComment() throws(SourceError) -> Bool {
        let start = position
        position += 2
        while let byte, !(byte == UInt8(ascii: "*") && peek(1) == UInt8(ascii: "/")) {
            position += 1
        }
        guard byte != nil else { throw source.error(at: start, "this comment is never closed") }
        position += 2
        record(start..<position, text: start + 2..<position - 2)
        return source.bytes[start..<position].contains(UInt8(ascii: "\n"))
    }

    private mutating func record(_ range: Range<Int>, text: Range<Int>) {
        let lineStart = source.range(ofLine: source.line(at: range.lowerBound)).lowerBound
        let startsLine = source.bytes[lineStart..<range.lowerBound]
            .allSatisfy { $0 == 0x20 || $0 == 0x09 }
        let words = source.string(text).split { $0.isWhitespace || $0 == "*" }
        comments.append(
            SourceComment(
                range: range,
                text: words.joined(separator: " "),
                startsLine: startsLine,
            )
        )
    }

    private mutating func skipLine() {
        while let byte, byte != UInt8(ascii: "\n") { position += 1 }
    }

    /// A slash begins a regular expression where an operand may stand, else it divides.
    private static func expressionMayStart(after previous: JavaScriptToken?) -> Bool {
        switch previous?.kind {
        case nil: true
        case .punctuator(let text): text != ")" && text != "]"
        case .identifier(let word):
            operators.contains(word)
        default: false
        }
    }

    /// Words that an operand follows.
    private static let operators: Set<String> = [
        "return", "typeof", "case", "in", "of", "delete", "void", "throw", "new", "else", "do",
        "await", "yield", "instanceof", "default",
    ]

    static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func startsIdentifier(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "$") || byte == UInt8(ascii: "\\")
            || byte >= 0x80
    }

    private mutating func identifier() throws(SourceError) -> String {
        let start = position
        var name: [UInt8] = []
        while let byte, Self.startsIdentifier(byte) || Self.isDigit(byte) {
            if byte == UInt8(ascii: "\\") {
                guard peek(1) == UInt8(ascii: "u") else { break }
                try escape(into: &name)
            } else {
                name.append(byte)
                position += 1
            }
        }
        guard !name.isEmpty else { throw source.error(at: start, "a name is missing here") }
        return String(decoding: name, as: UTF8.self)
    }

    private mutating func punctuator() throws(SourceError) -> JavaScriptToken.Kind {
        let rest = source.bytes[position...].prefix(4)
        for candidate in rest.first.flatMap({ Self.punctuatorsByFirstByte[$0] }) ?? []
        where rest.starts(with: candidate.utf8) {
            if candidate == "?.", peek(2).map(Self.isDigit) == true { continue }
            position += candidate.utf8.count
            return .punctuator(candidate)
        }
        let character = String(decoding: rest.prefix(1), as: UTF8.self)
        throw source.error(at: position, "\"\(character)\" has no meaning here")
    }

    private static let punctuatorsByFirstByte = Dictionary(grouping: punctuators) {
        $0.utf8.first ?? 0
    }

    /// Longest first, so that the first match is the right one.
    private static let punctuators = [
        ">>>=", "...", "===", "!==", "**=", "<<=", ">>=", ">>>", "&&=", "||=", "??=", "=>", "==",
        "!=", "<=", ">=", "&&", "||", "??", "?.", "++", "--", "+=", "-=", "*=", "/=", "%=", "&=",
        "|=", "^=", "<<", ">>", "**", "{", "}", "(", ")", "[", "]", ".", ";", ",", "<", ">", "+",
        "-", "*", "/", "%", "&", "|", "^", "!", "~", "?", ":", "=", "@",
    ]
}

/// One lexical element of JavaScript (ECMA-262 section 12), with its place.
struct JavaScriptToken {
    enum Kind: Equatable {
        case identifier(String)
        case privateName
        case number(Double)
        case string(String)
        /// Alternating text and substitutions; a substitution is a token list of its own.
        case template([TemplatePart])
        case regularExpression
        case punctuator(String)
        case end
    }

    enum TemplatePart: Equatable {
        case text(String)
        case tokens([JavaScriptToken])
    }

    var kind: Kind
    var range: Range<Int>
    /// Whether a line break precedes this token (for automatic semicolons).
    var followsLineBreak: Bool

    func `is`(_ punctuator: String) -> Bool {
        if case .punctuator(let text) = kind { text == punctuator } else { false }
    }

    func isWord(_ word: String) -> Bool {
        if case .identifier(let text) = kind { text == word } else { false }
    }
}

extension JavaScriptToken: Equatable {}
