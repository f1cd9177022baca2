import HostSystem

/// Text as a terminal gets it: the control sequences in it are our own, everything else is harmless.
///
/// A literal is ours and stays as it is. A value that is interpolated comes from outside (files,
/// arguments, other processes), so that its control characters are made visible; only what is
/// styled text already keeps them.
struct StyledText: Equatable, Sendable {
    let text: String

    /// Text from outside.
    init(_ value: some StringProtocol) {
        text = value.visible
    }

    /// The output of an app, which may do with the terminal what it likes.
    init(verbatim output: String) {
        text = output
    }

    fileprivate init(trusted text: String) {
        self.text = text
    }

    static func + (lhs: StyledText, rhs: StyledText) -> StyledText {
        StyledText(trusted: lhs.text + rhs.text)
    }
}

extension StyledText: ExpressibleByStringInterpolation {
    struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var text = ""

        init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity * 2)
        }

        mutating func appendLiteral(_ literal: String) { text += literal }

        mutating func appendInterpolation(_ styled: StyledText) { text += styled.text }

        mutating func appendInterpolation(_ value: some CustomStringConvertible) {
            text += value.description.visible
        }
    }

    init(stringLiteral text: String) {
        self.init(trusted: text)
    }

    init(stringInterpolation: StringInterpolation) {
        self.init(trusted: stringInterpolation.text)
    }
}

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

    func bold(_ text: String) -> StyledText { wrap(text, on: 1, off: 22) }
    func dim(_ text: String) -> StyledText { wrap(text, on: 2, off: 22) }
    func red(_ text: String) -> StyledText { colored(text, 31) }
    func yellow(_ text: String) -> StyledText { colored(text, 33) }
    func colored(_ text: String, _ color: Int) -> StyledText { wrap(text, on: color, off: 39) }

    /// The text itself may come from outside.
    private func wrap(_ text: String, on: Int, off: Int) -> StyledText {
        isColored ? "\u{1B}[\(on)m\(text)\u{1B}[\(off)m" : StyledText(text)
    }
}
