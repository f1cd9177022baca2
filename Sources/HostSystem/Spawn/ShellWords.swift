/// Words of a command line, as a POSIX shell reads and writes them.
///
/// Quotes and backslashes are understood; expansions stay as they are written.
package enum ShellWords {
    package struct Token: Hashable, Sendable {
        package var text: String
        /// The text's UTF-8 offsets in the line, from its first character on; quotes and backslashes
        /// within a word make the range shorter than what was written.
        package var range: Range<Int>
        /// Whether it stands between commands: `&&`, `||`, `|`, `&` or `;`.
        package var isSeparator = false
        /// Whether a shell does more than pass it on: redirections, substitutions, comments.
        package var isSpecial = false
    }

    /// The words of a line, and whether all quotes in it are closed.
    ///
    /// Without `separators` they are words like any others.
    package static func tokens(
        of text: String,
        separators: Bool = true,
    ) -> (tokens: [Token], isClosed: Bool) {
        var splitter = Splitter(findsSeparators: separators)
        for (offset, byte) in text.utf8.enumerated() { splitter.take(byte, at: offset) }
        splitter.finish()
        return (splitter.tokens, splitter.quote == nil)
    }

    package static func words(of text: String) -> [String] {
        tokens(of: text, separators: false).tokens.map(\.text)
    }

    /// The word in quotes for a shell.
    package static func quoted(_ word: String) -> String {
        let pieces = word.split(separator: "'", omittingEmptySubsequences: false)
        return "'" + pieces.joined(separator: #"'\''"#) + "'"
    }

    /// The word for a line that people read, in quotes only if it needs them.
    package static func quotedIfNeeded(_ word: String) -> String {
        let isPlain = word.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "-_./:=,@%+".utf8.contains(byte)
            }
        }
        return isPlain && !word.isEmpty ? word : quoted(word)
    }

    private struct Splitter {
        let findsSeparators: Bool
        var tokens: [Token] = []
        private(set) var quote: UInt8?
        /// The word that has begun, and where.
        private var word: (bytes: [UInt8], start: Int)?
        private var isSpecial = false
        private var isEscaped = false
        private var previous: UInt8 = 0

        init(findsSeparators: Bool) {
            self.findsSeparators = findsSeparators
        }

        mutating func take(_ byte: UInt8, at offset: Int) {
            defer { previous = byte }
            if isEscaped {
                isEscaped = false
                // Within double quotes a backslash means itself before most characters.
                if quote != nil, !#"$`"\"#.utf8.contains(byte) {
                    add(UInt8(ascii: "\\"), at: offset - 1)
                }
                return add(byte, at: offset)
            }
            if byte == UInt8(ascii: "\\"), quote != UInt8(ascii: "'") {
                isEscaped = true
                return
            }
            if let open = quote {
                if byte == open { quote = nil } else { add(byte, at: offset) }
                return
            }
            switch byte {
            case UInt8(ascii: "'"), UInt8(ascii: "\""):
                quote = byte
                if word == nil { word = ([], offset + 1) }
            case UInt8(ascii: " "), 0x09...0x0D: finish()
            case UInt8(ascii: "&"), UInt8(ascii: "|"), UInt8(ascii: ";"):
                // `2>&1` is a redirection.
                let isRedirection = previous == UInt8(ascii: ">") || previous == UInt8(ascii: "<")
                guard findsSeparators, !isRedirection else { return add(byte, at: offset) }
                separate(byte, at: offset)
            default:
                if "<>()#`".utf8.contains(byte) { isSpecial = true }
                add(byte, at: offset)
            }
        }

        private mutating func add(_ byte: UInt8, at offset: Int) {
            if word == nil { word = ([], offset) }
            word?.bytes.append(byte)
        }

        private mutating func separate(_ byte: UInt8, at offset: Int) {
            finish()
            if let last = tokens.last, last.isSeparator, last.range.upperBound == offset {
                tokens[tokens.count - 1].text.unicodeScalars.append(Unicode.Scalar(byte))
                tokens[tokens.count - 1].range = last.range.lowerBound..<offset + 1
                return
            }
            let text = String(Unicode.Scalar(byte))
            tokens.append(Token(text: text, range: offset..<offset + 1, isSeparator: true))
        }

        mutating func finish() {
            guard let (bytes, start) = word else { return }
            tokens.append(
                Token(
                    text: String(decoding: bytes, as: UTF8.self),
                    range: start..<start + bytes.count,
                    isSpecial: isSpecial,
                )
            )
            word = nil
            isSpecial = false
        }
    }
}
