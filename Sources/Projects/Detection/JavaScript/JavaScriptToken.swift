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
    /// A line break stands between the token before and this one (for automatic semicolons).
    var followsLineBreak: Bool

    func `is`(_ punctuator: String) -> Bool {
        if case .punctuator(let text) = kind { text == punctuator } else { false }
    }

    func isWord(_ word: String) -> Bool {
        if case .identifier(let text) = kind { text == word } else { false }
    }
}

extension JavaScriptToken: Equatable {}
