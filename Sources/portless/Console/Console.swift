import HostSystem
import SystemPackage

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
    private let readAnswer: (@Sendable () -> String?)?

    /// `isOutputVerbatim`: standard output isn't a terminal; `answer` is nil where standard input
    /// is none.
    init(
        style: TextStyle,
        isOutputVerbatim: Bool = false,
        output: @escaping @Sendable (String) -> Void,
        talk: @escaping @Sendable (String) -> Void,
        answer: (@Sendable () -> String?)? = nil,
    ) {
        self.style = style
        self.isOutputVerbatim = isOutputVerbatim
        writeOutput = output
        writeTalk = talk
        readAnswer = answer
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

    /// Asks the person at the terminal; without one it is an error that tells of `--yes`.
    func confirm(_ question: String) throws -> Bool {
        guard let readAnswer else {
            throw Failure(
                "There is no terminal to ask at, so nothing was changed.",
                remedy: "Add --yes if that is what you want.",
            )
        }
        // The answer stands on the same line.
        writeTalk("\(question) [y/N]".visible + " ")
        return ["y", "yes"].contains((readAnswer() ?? "").lowercased())
    }

    func warn(_ text: String) { say(styled: "\(style.yellow("Warning:")) \(text)") }

    func report(_ error: any Error) {
        for line in Failure.lines(for: error, style: style) { say(styled: line) }
    }
}

extension Console {
    /// The process's own standard output and error.
    static func live(style: TextStyle, isInteractive: Bool) -> Console {
        let answer: @Sendable () -> String? = { readLine() }
        return Console(
            style: style,
            isOutputVerbatim: Terminal(descriptor: .standardOutput) == nil,
            output: { write($0, to: .standardOutput) },
            talk: { write($0, to: .standardError) },
            answer: isInteractive ? answer : nil,
        )
    }

    private static func write(_ text: String, to descriptor: FileDescriptor) {
        // A reader that has gone (`portless list | head -1`) is no reason to fail.
        _ = try? descriptor.writeAll(Array(text.utf8))
    }
}
