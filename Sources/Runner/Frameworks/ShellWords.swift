/// The text of a script, taken apart as a shell would do it.
enum ShellWords {
    /// The words of the last simple command, which is where package managers append arguments; nil
    /// if appended arguments would not become that command's.
    ///
    /// Quotes and backslashes are understood; expansions stay as they are written.
    static func lastCommand(of text: String) -> [String]? {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var isEscaped = false
        for character in text {
            if isEscaped {
                word = (word ?? "") + String(character)
                isEscaped = false
            } else if character == "\\" && quote != "'" {
                isEscaped = true
            } else if let open = quote {
                if character == open { quote = nil } else { word?.append(character) }
            } else if character == "'" || character == "\"" {
                quote = character
                word = word ?? ""
            } else if character.isWhitespace {
                if let done = word { words.append(done) }
                word = nil
            } else if "&|;".contains(character) {
                (words, word) = ([], nil)
            } else if "<>()#`".contains(character) {
                return nil
            } else {
                word = (word ?? "") + String(character)
            }
        }
        if let word { words.append(word) }
        return quote == nil && !words.isEmpty ? words : nil
    }
}
