import HostSystem
import PortlessCore

/// A command line split into words with their locations.
struct CommandWords {
    struct Word {
        var text: String
        var value: ConfigurationValue
        /// The word's UTF-8 offsets in the original text.
        var range: Range<Int>
        /// Whether it separates commands: `&&`, `|`, `;`.
        var isSeparator = false
        /// Whether a shell does more than pass it on.
        var isSpecial = false
    }

    var words: [Word] = []
    /// The folder that it runs in.
    private(set) var folder = CommandFolder.unknown
    /// Whether another command waits for its end.
    private(set) var isFollowed = false
    /// Whether a quote in it isn't closed.
    private(set) var isOpen = false

    /// From a text, or from a list whose elements may themselves hold several words.
    init(_ value: ConfigurationValue) {
        append(value)
    }

    init(_ text: String) {
        self.init(ConfigurationValue(.string(text), at: SourceLocation(file: "", line: 1)))
    }

    init(
        words: some Sequence<Word>,
        in folder: CommandFolder = .unknown,
        isFollowed: Bool = false,
    ) {
        self.words = Array(words)
        self.folder = folder
        self.isFollowed = isFollowed
    }

    private mutating func append(_ value: ConfigurationValue) {
        switch value.kind {
        case .array(let elements):
            for element in elements {
                // `args: ["-c", "cd web && npm start"]` is one word for a shell.
                let shell = words.first.map { CommandReader.programName($0.text) }
                if let text = element.string, words.last?.text.hasSuffix("c") == true,
                    words.last?.text.hasPrefix("-") == true,
                    shell.map(CommandReader.shells.contains) == true
                {
                    words.append(Word(text: text, value: element, range: 0..<text.utf8.count))
                } else {
                    append(element)
                }
            }
        case .string(let text): split(text, of: value)
        case .unresolved:
            if let text = value.knownText { split(text, of: value) }
        case .number:
            let text = value.text ?? ""
            words.append(Word(text: text, value: value, range: 0..<text.utf8.count))
        default: break
        }
    }

    private mutating func split(_ text: String, of value: ConfigurationValue) {
        let (tokens, isClosed) = ShellWords.tokens(of: text)
        isOpen = isOpen || !isClosed
        words += tokens.map { token in
            Word(
                text: token.text,
                value: value,
                range: token.range,
                isSeparator: token.isSeparator,
                isSpecial: token.isSpecial,
            )
        }
    }

    /// Whether only a shell understands it, as redirections and substitutions.
    var isForShellOnly: Bool { words.contains(where: \.isSpecial) }

    /// True where one of the tools runs: named by itself, by its path or after `npx`.
    func runs(_ tools: Set<String>) -> Bool {
        words.contains { word in
            var name = ProjectPath.name(of: word.text)
            if let dot = name.firstIndex(of: "."), dot != name.startIndex {
                name = String(name[..<dot])
            }
            return tools.contains(name)
        }
    }

    /// The program that finally runs.
    var target: CommandTarget? { CommandTarget(of: words.map(\.text)) }

    /// The name of the script of package.json that it runs.
    var packageScript: String? {
        if case .script(_, let index) = target { words[index].text } else { nil }
    }

    /// Whether this simple command serves, as far as it shows itself.
    var isServer: Bool {
        var budget = 8
        return ServerCommand.answer(words.map(\.text), .unknown, &budget) == true
            || isToldWhereToListen
    }

    /// Whether it runs a tool whose only port serves pages.
    var showsPages: Bool {
        switch target {
        case .program(let name, _): Self.pageTools.contains(name)
        case .script(_, let index): Self.pageTools.contains(words[index].text)
        default: runs(Self.pageTools)
        }
    }

    static let pageTools: Set<String> = [
        "vite", "next", "nuxt", "nuxi", "astro", "react-scripts", "craco", "ng", "webpack",
        "webpack-dev-server", "parcel", "remix", "gatsby", "svelte-kit", "vue-cli-service",
        "storybook", "start-storybook", "http-server", "live-server", "serve", "sirv", "rsbuild",
        "expo", "docusaurus", "vitepress", "eleventy", "ember", "vinxi", "react-router", "hugo",
        "jekyll", "mkdocs", "zola", "mdbook", "trunk", "streamlit", "chainlit",
    ]
}

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
    package static func text(of words: [String]) -> String {
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
