import HostSystem
import PortlessCore

/// A command line as a file contains it.
package enum CommandText {
    /// Characters that a shell treats specially.
    private static let special = Set("|&;<>()$`\\\"'*?[]#~=%!{}\n")
    private static let builtins: Set = [
        ".", ":", "cd", "command", "eval", "exec", "exit", "export", "set", "source", "test",
        "time", "trap", "ulimit", "umask", "unset", "wait",
    ]

    /// The words to run: the line's own, where it is plain, else a shell that interprets it.
    ///
    /// Only a server that is run directly can get its port on its command line.
    package static func words(_ text: String) -> [String] {
        let words = ShellWords.words(of: text)
        guard let first = words.first, !builtins.contains(first),
            !text.contains(where: special.contains)
        else { return ["sh", "-c", text] }
        return words
    }

    /// The text that `words` was made of, or an equivalent one.
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
