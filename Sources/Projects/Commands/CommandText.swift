import HostSystem
import PortlessCore

/// A command line as people write it into a file.
package enum CommandText {
    /// What only a shell understands, or treats in its own way.
    private static let special = Set("|&;<>()$`\\\"'*?[]#~=%!{}\n")
    private static let builtins: Set = [
        ".", ":", "cd", "command", "eval", "exec", "exit", "export", "set", "source", "test",
        "time", "trap", "ulimit", "umask", "unset", "wait",
    ]

    /// The words to run: its own, where they are plain, else a shell that reads it.
    ///
    /// A server that is run directly can be told its port on its command line.
    package static func words(_ text: String) -> [String] {
        let words = ShellWords.words(of: text)
        guard let first = words.first, !builtins.contains(first),
            !text.contains(where: special.contains)
        else { return ["sh", "-c", text] }
        return words
    }

    /// The text that `words` was made of, or one that means the same.
    static func text(of words: [String]) -> String {
        if words.starts(with: ["sh", "-c"]), words.count == 3 { return words[2] }
        return words.map(ShellWords.quotedIfNeeded).joined(separator: " ")
    }

    /// The words of the last simple command, which is where package managers append arguments; nil
    /// if appended arguments would not become that command's.
    static func lastCommand(of text: String) -> [String]? {
        let (tokens, isClosed) = ShellWords.tokens(of: text)
        let start = tokens.lastIndex(where: \.isSeparator).map { $0 + 1 } ?? 0
        let words = tokens[start...].map(\.text)
        guard isClosed, !tokens.contains(where: \.isSpecial), !words.isEmpty else { return nil }
        return words
    }
}
