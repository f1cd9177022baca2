import PortlessCore

/// A command line split into words, each of which still knows where it was written.
struct CommandWords {
    struct Word {
        var text: String
        var value: JavaScriptValue
        /// The word's UTF-8 offsets in the text it was cut from.
        var range: Range<Int>
    }

    private(set) var words: [Word] = []
    /// Whether another command runs this one.
    private(set) var isNested = false

    /// From a text, or from a list whose elements may themselves hold several words.
    init(_ value: JavaScriptValue) {
        append(value)
    }

    private mutating func append(_ value: JavaScriptValue) {
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

    private mutating func split(_ text: String, of value: JavaScriptValue) {
        var current: [UInt8] = []
        var start = 0
        var quote: UInt8?
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A }
        var hasWord = false
        for (offset, byte) in text.utf8.enumerated() {
            if let open = quote {
                if byte == open { quote = nil } else { current.append(byte) }
            } else if byte == 0x22 || byte == 0x27 {
                quote = byte
                if !hasWord { start = offset + 1 }
                hasWord = true
            } else if isBlank(byte) {
                if hasWord { finish(&current, start, value) }
                hasWord = false
            } else {
                if !hasWord { start = offset }
                hasWord = true
                current.append(byte)
            }
        }
        if hasWord { finish(&current, start, value) }
    }

    private mutating func finish(_ bytes: inout [UInt8], _ start: Int, _ value: JavaScriptValue) {
        let text = String(decoding: bytes, as: UTF8.self)
        words.append(Word(text: text, value: value, range: start..<start + bytes.count))
        bytes = []
    }

    /// True where one of the tools runs: named by itself, by its path or behind `npx`.
    func runs(_ tools: Set<String>) -> Bool {
        words.contains { word in
            var name = ProjectPath.name(of: word.text)
            if let dot = name.firstIndex(of: "."), dot != name.startIndex {
                name = String(name[..<dot])
            }
            return tools.contains(name)
        }
    }

    /// This command, and those that it is told to run in quotes: `concurrently "vite" "node api"`.
    var commands: [CommandWords] {
        guard runs(Self.runners) else { return [self] }
        var own = self
        own.words.removeAll { $0.text.contains(" ") }
        let nested = words.filter { $0.text.contains(" ") }.map { word in
            var command = CommandWords(
                JavaScriptValue(.string(word.text), at: word.value.origin)
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
