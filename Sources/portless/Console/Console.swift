import HostSystem
import Synchronization
import SystemPackage

/// Where a command's words go: data to standard output, everything said about it to the other.
///
/// A plain string may hold text from outside, and what a terminal would obey in it is made visible.
/// Only ``StyledText`` passes as it is. Data that goes to a file or to another program is not
/// changed at all: scripts get the bytes that are there. Talk is for people wherever it goes.
struct Console: Sendable {
    let style: TextStyle
    let isOutputVerbatim: Bool
    private let writeOutput: @Sendable (String) throws -> Void
    private let writeTalk: @Sendable (String) -> Void
    private var readAnswer: (@Sendable () -> String?)?
    private let outputState = OutputState()

    /// Shared by the copies of a console.
    private final class OutputState: Sendable {
        let isLost = Mutex(false)
    }

    /// Whether something that was asked for couldn't be written.
    var hasLostOutput: Bool { outputState.isLost.withLock { $0 } }

    /// `isOutputVerbatim`: standard output isn't a terminal; `answer` is nil where standard input
    /// is none.
    init(
        style: TextStyle,
        isOutputVerbatim: Bool = false,
        output: @escaping @Sendable (String) throws -> Void,
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
        write((isOutputVerbatim ? line : line.visible) + "\n")
    }

    func print(styled line: StyledText) { write(styled: line + "\n") }

    /// The same without a line feed.
    func write(styled text: StyledText) { write(text.text) }

    /// Says once that output can't be written; a reader that has gone (`portless list | head -1`) is
    /// no failure.
    private func write(_ text: String) {
        do {
            try writeOutput(text)
        } catch Errno.brokenPipe {
        } catch {
            let isFirst = outputState.isLost.withLock { isLost in
                defer { isLost = true }
                return !isLost
            }
            if isFirst { report(Failure("can't write: \(error)")) }
        }
    }

    /// A line for the person at the terminal.
    func say(_ line: String) { say(styled: StyledText(line)) }

    func say(styled line: StyledText) { writeTalk(line.text + "\n") }

    /// From now on it is as if no person was there.
    mutating func refuseQuestions() { readAnswer = nil }

    /// Asks the person at the terminal; without one it is an error that tells of `--yes`.
    func confirm(_ question: String) throws -> Bool {
        guard let readAnswer else {
            throw Failure(
                "There is no terminal to ask at (\"\(question)\"), so nothing was changed.",
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
            output: { try FileDescriptor.standardOutput.writeAll(Array($0.utf8)) },
            // There is no other place to tell of a failure.
            talk: { _ = try? FileDescriptor.standardError.writeAll(Array($0.utf8)) },
            answer: isInteractive ? answer : nil,
        )
    }
}
