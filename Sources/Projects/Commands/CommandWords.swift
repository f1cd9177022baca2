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
    }

    private(set) var words: [Word] = []

    /// From a text, or from a list whose elements may themselves hold several words.
    init(_ value: ConfigurationValue) {
        append(value)
    }

    init(_ text: String) {
        self.init(ConfigurationValue(.string(text), at: SourceLocation(file: "", line: 1)))
    }

    private init(words: some Sequence<Word>) {
        self.words = Array(words)
    }

    private mutating func append(_ value: ConfigurationValue) {
        switch value.kind {
        case .array(let elements):
            for element in elements { append(element) }
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
        words += ShellWords.tokens(of: text).tokens.map { token in
            Word(
                text: token.text,
                value: value,
                range: token.range,
                isSeparator: token.isSeparator,
            )
        }
    }

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

/// The simple commands of a line.
extension CommandWords {
    /// The simple commands with those that they run: in quotes (`concurrently "vite" "node api"`),
    /// and, as far as `script` gives their text, scripts of package.json.
    func commands(
        script: (String) -> ConfigurationValue? = { _ in nil }
    ) -> [CommandWords] {
        var seen: Set<String> = []
        return commands(script, &seen, depth: 0)
    }

    private func commands(
        _ script: (String) -> ConfigurationValue?,
        _ seen: inout Set<String>,
        depth: Int,
    ) -> [CommandWords] {
        var script = script
        return words.split(whereSeparator: \.isSeparator).flatMap { words -> [CommandWords] in
            let command = CommandWords(words: words)
            // The rest runs in another folder.
            if ["cd", "pushd"].contains(words.first?.text) { script = { _ in nil } }
            guard depth < 8 else { return [command] }
            var inner: [CommandWords] = []
            var own = command
            if command.runs(Self.runners) {
                own.words.removeAll { $0.text.contains(" ") }
                inner += command.words.filter { $0.text.contains(" ") }.map { word in
                    CommandWords(ConfigurationValue(.string(word.text), at: word.value.origin))
                }
            }
            var isReplaced = false
            for (name, extra) in command.scriptNames {
                guard let text = script(name), seen.insert(name).inserted else { continue }
                if case .script = command.target { isReplaced = true }
                // `PORT=3000 npm run dev` sets it for the script.
                let words = command.assignedWords + CommandWords(text).words + extra
                inner.append(CommandWords(words: words))
            }
            return (isReplaced ? [] : [own])
                + inner.flatMap { $0.commands(script, &seen, depth: depth + 1) }
        }
    }

    /// The words such as `PORT=3000` before the program.
    private var assignedWords: [Word] {
        guard case .script(_, let index) = target else { return [] }
        return words[..<index].filter { !$0.text.hasPrefix("-") && $0.text.contains("=") }
    }

    private static let runners: Set<String> = [
        "concurrently", "conc", "npm-run-all", "run-p", "run-s", "nodemon", "cross-env-shell",
        "sh", "bash", "stmux", "mprocs", "wireit",
    ]

    /// The scripts that a simple command runs, each with the words that it passes on.
    private var scriptNames: [(name: String, extra: [Word])] {
        let texts = words.map(\.text)
        if runs(["run-p", "run-s", "npm-run-all"]) {
            return texts.dropFirst().filter { !$0.hasPrefix("-") }.map { ($0, []) }
        }
        if runs(["concurrently", "conc"]) {
            return texts.compactMap { text in
                ["npm:", "pnpm:", "yarn:", "bun:"].first(where: text.hasPrefix)
                    .map { (String(text.dropFirst($0.count)), []) }
            }
        }
        guard case .script(let manager, let index) = target,
            !manager.isSentElsewhere(by: texts[(index + 1)...])
        else { return [] }
        return [(texts[index], words[(index + 1)...].filter { $0.text != "--" })]
    }
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
