/// Emphasis on a terminal; the same text without it elsewhere.
struct TextStyle: Equatable, Sendable {
    let isColored: Bool

    static let plain = TextStyle(isColored: false)

    /// `NO_COLOR`, even when empty, beats `FORCE_COLOR`, which beats the terminal.
    init(environment: [String: String], isTerminal: Bool) {
        isColored =
            environment["NO_COLOR"] == nil && (environment["FORCE_COLOR"] != nil || isTerminal)
    }

    init(isColored: Bool) {
        self.isColored = isColored
    }

    func bold(_ text: String) -> StyledText { wrap(text, 1, 22) }
    func dim(_ text: String) -> StyledText { wrap(text, 2, 22) }
    func red(_ text: String) -> StyledText { wrap(text, 31, 39) }
    func yellow(_ text: String) -> StyledText { wrap(text, 33, 39) }
    func colored(_ text: String, _ color: Int) -> StyledText { wrap(text, color, 39) }

    /// The text itself may come from outside.
    private func wrap(_ text: String, _ on: Int, _ off: Int) -> StyledText {
        isColored ? "\u{1B}[\(on)m\(text)\u{1B}[\(off)m" : StyledText(text)
    }
}
