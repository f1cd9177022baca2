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
