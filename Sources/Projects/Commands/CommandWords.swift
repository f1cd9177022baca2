import HostSystem
import PortlessCore

/// A command line split into words, each of which still knows where it was written.
struct CommandWords {
    struct Word {
        var text: String
        var value: ConfigurationValue
        /// The word's UTF-8 offsets in the text it was cut from.
        var range: Range<Int>
    }

    private(set) var words: [Word] = []
    /// Whether another command runs this one.
    private(set) var isNested = false

    /// From a text, or from a list whose elements may themselves hold several words.
    init(_ value: ConfigurationValue) {
        append(value)
    }

    private mutating func append(_ value: ConfigurationValue) {
        switch value.kind {
        case .array(let elements):
            for element in elements { append(element) }
        case .string(let text): split(text, of: value)
        case .number:
            let text = value.text ?? ""
            words.append(Word(text: text, value: value, range: 0..<text.utf8.count))
        default: break
        }
    }

    private mutating func split(_ text: String, of value: ConfigurationValue) {
        words += ShellWords.tokens(of: text).tokens.map { token in
            Word(text: token.text, value: value, range: token.range)
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

    /// True where one of the tools runs whose one port shows pages.
    var showsPages: Bool { runs(Self.pageTools) }

    static let pageTools: Set<String> = [
        "vite", "next", "nuxt", "nuxi", "astro", "react-scripts", "ng", "webpack",
        "webpack-dev-server",
        "parcel", "remix", "gatsby", "svelte-kit", "vue-cli-service", "storybook", "http-server",
        "serve", "rsbuild", "expo", "docusaurus", "vitepress", "eleventy",
    ]

    /// This command, and those that it is told to run in quotes: `concurrently "vite" "node api"`.
    var commands: [CommandWords] {
        guard runs(Self.runners) else { return [self] }
        var own = self
        own.words.removeAll { $0.text.contains(" ") }
        let nested = words.filter { $0.text.contains(" ") }.map { word in
            var command = CommandWords(
                ConfigurationValue(.string(word.text), at: word.value.origin)
            )
            command.isNested = true
            return command
        }
        return [own] + nested
    }

    private static let runners: Set<String> = [
        "concurrently", "conc", "npm-run-all", "run-p", "run-s", "nodemon", "cross-env-shell",
        "sh", "bash", "stmux", "mprocs",
    ]

    /// The package script that a word list such as `npm run dev` or `yarn dev` starts.
    var packageScript: String? {
        guard
            let manager = words.firstIndex(where: {
                ["npm", "pnpm", "yarn", "bun"].contains($0.text)
            })
        else { return nil }
        let rest = words[(manager + 1)...].map(\.text).filter { !$0.hasPrefix("-") }
        guard let first = rest.first else { return nil }
        if first == "run" || first == "run-script" { return rest.dropFirst().first }
        return first == "exec" || first == "install" ? nil : first
    }
}

extension CommandWords {
    /// A port given on a command line, or why it isn't known.
    struct PortFlag {
        /// `--port`, `-p` or the variable of `PORT=3000 node server.js`.
        var name: String
        var reading: PortReading
        /// The value in the place where it was written.
        var value: ConfigurationValue

        /// Whether it is what the command's own `PORT` would be.
        var isPORT: Bool { name.hasPrefix("-") || name == "PORT" }
    }

    /// `--port N`, `--port=N` and `-p N`.
    var portFlags: [PortFlag] {
        var flags: [PortFlag] = []
        for (index, word) in words.enumerated() {
            for name in ["--port", "-p"] {
                if word.text == name, index + 1 < words.count {
                    let next = words[index + 1]
                    // `-p` means other things to other tools; only a number speaks of a port.
                    guard name == "--port" || Self.looksLikePort(next.text) else { continue }
                    flags.append(flag(name, next, offset: 0))
                } else if word.text.hasPrefix(name + "=") {
                    let offset = name.utf8.count + 1
                    let text = word.text.dropFirst(name.count + 1)
                    guard name == "--port" || Self.looksLikePort(String(text)) else { continue }
                    flags.append(flag(name, word, offset: offset))
                }
            }
        }
        return flags
    }

    /// `PORT=3000` and the like in front of a command.
    var assignments: [PortFlag] {
        words.compactMap { word in
            guard let equals = word.text.firstIndex(of: "=") else { return nil }
            let name = String(word.text[..<equals])
            guard PortLabels.isPortVariable(name) else { return nil }
            return flag(name, word, offset: name.utf8.count + 1)
        }
    }

    private static func looksLikePort(_ text: String) -> Bool {
        guard let port = Port(text) else { return text.contains("${") && text.contains("PORT") }
        return port >= 1024 || port == 80 || port == 443
    }

    private func flag(_ name: String, _ word: Word, offset: Int) -> PortFlag {
        let range = word.range.lowerBound + offset..<word.range.upperBound
        let text = String(decoding: Array(word.text.utf8.dropFirst(offset)), as: UTF8.self)
        let piece = word.value.pieces.first { $0.range == range }
        var value = piece?.value ?? ConfigurationValue(.string(text), at: word.value.origin)
        if piece == nil {
            value.comment = word.value.comment
            if case .number = word.value.kind { value = word.value }
            value = ShellVariables.expanded(text, as: value)
        }
        return PortFlag(name: name, reading: PortReading(value, named: name), value: value)
    }
}
