import Testing

@testable import Projects

struct LastCommandTests {
    @Test(
        arguments: [
            ("vite", ["vite"]),
            ("  vite\t--open ", ["vite", "--open"]),
            ("a && b; c || d e", ["d", "e"]),
            (#"echo "a && b" 'c;d' e\ f"#, ["echo", "a && b", "c;d", "e f"]),
            (#"x "" '' "it's" 'a"b'"#, ["x", "", "", "it's", "a\"b"]),
            ("PORT=1 node .", ["PORT=1", "node", "."]),
            ("a | b", ["b"]),
        ]
    )
    func `the last command is found`(text: String, words: [String]) {
        #expect(CommandText.lastCommand(of: text) == words)
    }

    @Test(arguments: ["", "a &", "a;", "(a)", "a > log", "a `b`", "a $(b)", "a 'b", "# a"])
    func `what takes no arguments at its end is none`(text: String) {
        #expect(CommandText.lastCommand(of: text) == nil)
    }
}
