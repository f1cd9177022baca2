import Testing

@testable import portless

@Suite struct TextStyleTests {
    @Test(
        arguments: [
            ([:], true, true),
            ([:], false, false),
            (["NO_COLOR": ""], true, false),
            (["NO_COLOR": "1", "FORCE_COLOR": "1"], true, false),
            (["FORCE_COLOR": ""], false, true),
        ] as [([String: String], Bool, Bool)]
    )
    func `NO_COLOR beats FORCE_COLOR, which beats the terminal`(
        environment: [String: String],
        isTerminal: Bool,
        isColored: Bool,
    ) {
        let style = TextStyle(environment: environment, isTerminal: isTerminal)
        #expect(style.isColored == isColored)
        #expect(style.bold("x") == (isColored ? "\u{1B}[1mx\u{1B}[22m" : "x"))
    }
}
