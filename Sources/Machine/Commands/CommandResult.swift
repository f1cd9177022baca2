/// What a system tool answered.
package struct CommandResult: Hashable, Sendable {
    /// As shells give it: 128 and the number for a signal.
    package let exitCode: Int32
    package let output: String
    package let errorOutput: String

    package init(exitCode: Int32, output: String = "", errorOutput: String = "") {
        self.exitCode = exitCode
        self.output = output
        self.errorOutput = errorOutput
    }

    package var isSuccess: Bool { exitCode == 0 }

    /// The tool's last words, to quote in a message.
    package var complaint: String {
        let lines = (errorOutput + "\n" + output).split(whereSeparator: \.isNewline)
        return lines.last.map(String.init) ?? "exit code \(exitCode)"
    }
}
