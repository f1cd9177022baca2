/// Where a command's words go: data to standard output, everything said about it to the other.
struct Console: Sendable {
    let style: TextStyle
    private let writeOutput: @Sendable (String) -> Void
    private let writeTalk: @Sendable (String) -> Void

    init(
        style: TextStyle,
        output: @escaping @Sendable (String) -> Void,
        talk: @escaping @Sendable (String) -> Void,
    ) {
        self.style = style
        writeOutput = output
        writeTalk = talk
    }

    /// A line of what was asked for: what a script reads.
    func print(_ line: String) { writeOutput(line + "\n") }

    /// A line for the person at the terminal.
    func say(_ line: String) { writeTalk(line + "\n") }

    /// A question, which waits for its answer on the same line.
    func prompt(_ question: String) { writeTalk(question + " ") }

    func warn(_ text: String) { say("\(style.yellow("Warning:")) \(text)") }

    func report(_ error: any Error) {
        for line in Failure.lines(for: error, style: style) { say(line) }
    }
}
