import HostSystem
import Testing

struct ShellWordsTests {
    @Test(arguments: [
        ("a 'b c'", ["a", "b c"]), (#"a\ b "c\"d" 'e\f'"#, ["a b", "c\"d", #"e\f"#]),
        (#""a\b" '' x"#, [#"a\b"#, "", "x"]), ("a&&b;c", ["a&&b;c"]), ("ü 'ä ö'", ["ü", "ä ö"]),
        ("", []), ("'open x", ["open x"]),
    ])
    func `words are told apart as a shell does it`(line: String, words: [String]) {
        #expect(ShellWords.words(of: line) == words)
    }

    @Test func `separators stand between commands, but not in redirections`() {
        let (tokens, isClosed) = ShellWords.tokens(of: "a 2>&1&&b;'c;d' |e")
        #expect(tokens.map(\.text) == ["a", "2>&1", "&&", "b", ";", "c;d", "|", "e"])
        #expect(tokens.filter(\.isSeparator).map(\.text) == ["&&", ";", "|"])
        #expect(tokens.filter(\.isSpecial).map(\.text) == ["2>&1"])
        #expect(tokens.map(\.range).first == 0..<1)
        #expect(tokens[5].range == 11..<14)
        #expect(isClosed)
        #expect(!ShellWords.tokens(of: "a 'b").isClosed)
    }

    @Test(arguments: ["", "a b", "it's", "$x `y` \"z\" \\", "a;b&c|d", "#", "\n"])
    func `what is quoted is read back as one word`(word: String) {
        #expect(ShellWords.words(of: ShellWords.quoted(word)) == [word])
        #expect(ShellWords.words(of: ShellWords.quotedIfNeeded(word)) == [word])
    }

    @Test func `a plain word needs no quotes`() {
        #expect(ShellWords.quotedIfNeeded("--port=80") == "--port=80")
    }
}
