import HostSystem

/// Where a command's words go: data to standard output, everything said about it to the other.
///
/// A plain string may hold text from outside, and what a terminal would obey in it is made visible.
/// Only ``StyledText`` passes as it is. Data that goes to a file or to another program is not
/// changed at all: scripts get the bytes that are there. Talk is for people wherever it goes.
struct Console: Sendable {
    let style: TextStyle
    private let isOutputVerbatim: Bool
    private let writeOutput: @Sendable (String) -> Void
    private let writeTalk: @Sendable (String) -> Void

    /// `isOutputVerbatim`: standard output isn't a terminal.
    init(
        style: TextStyle,
        isOutputVerbatim: Bool = false,
        output: @escaping @Sendable (String) -> Void,
        talk: @escaping @Sendable (String) -> Void,
    ) {
        self.style = style
        self.isOutputVerbatim = isOutputVerbatim
        writeOutput = output
        writeTalk = talk
    }

    /// A line of what was asked for: what a script reads.
    func print(_ line: String) {
        writeOutput((isOutputVerbatim ? line : line.visible) + "\n")
    }

    func print(styled line: StyledText) { write(styled: line + "\n") }

    /// The same without a line feed.
    func write(styled text: StyledText) { writeOutput(text.text) }

    /// A line for the person at the terminal.
    func say(_ line: String) { say(styled: StyledText(line)) }

    func say(styled line: StyledText) { writeTalk(line.text + "\n") }

    /// A question, which waits for its answer on the same line.
    func prompt(_ question: String) { writeTalk(question.visible + " ") }

    func warn(_ text: String) { say(styled: "\(style.yellow("Warning:")) \(text)") }

    func report(_ error: any Error) {
        for line in Failure.lines(for: error, style: style) { say(styled: line) }
    }
}
