/// A unit file as it was installed, by us, by the npm original or by a person.
struct SystemdUnit {
    /// Each setting of each section, in the order of the file.
    private var settings: [(section: String, key: String, value: String)] = []

    init(parsing text: String) {
        var section = ""
        var pending = ""
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            let trimmed = Self.trimmed(line)
            // A comment may stand between the lines of one setting.
            if trimmed.hasPrefix("#") || trimmed.hasPrefix(";") { continue }
            if trimmed.hasSuffix("\\") {
                pending += trimmed.dropLast() + " "
                continue
            }
            let whole = pending + trimmed
            pending = ""
            if whole.hasPrefix("["), whole.hasSuffix("]") {
                section = String(whole.dropFirst().dropLast())
            } else if let equals = whole.firstIndex(of: "=") {
                settings.append(
                    (
                        section, String(Self.trimmed(whole[..<equals])),
                        String(Self.trimmed(whole[whole.index(after: equals)...])),
                    )
                )
            }
        }
    }

    /// The words of `ExecStart`; systemd takes the last one of several.
    var command: [String] {
        var words = values("ExecStart").last.map(Self.words) ?? []
        guard let first = words.first else { return [] }
        let prefixes = first.prefix { "@-:+!|".contains($0) }
        words[0] = String(first.dropFirst(prefixes.count))
        if prefixes.contains("@"), words.count > 1 { words.remove(at: 1) }
        return words.enumerated().map { index, word in
            index == 0 ? word : word.replacing("$$", with: "$")
        }
    }

    var environment: [String: String] {
        var result: [String: String] = [:]
        for word in values("Environment").flatMap(Self.words) {
            guard let equals = word.firstIndex(of: "=") else { continue }
            result[String(word[..<equals])] = String(word[word.index(after: equals)...])
        }
        return result
    }

    var user: String? { values("User").last.map(Self.words)?.first }

    var hasSockets: Bool { values("Sockets").contains { !$0.isEmpty } }

    private func values(_ key: String) -> [String] {
        settings.filter { $0.section == "Service" && $0.key == key }.map(\.value)
    }

    private static func trimmed(_ text: some StringProtocol) -> Substring {
        var rest = Substring(text)
        while let first = rest.first, first.isWhitespace { rest.removeFirst() }
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        return rest
    }

    /// The words of a value, without quotes and escapes; `%%` is one percent sign.
    static func words(_ value: String) -> [String] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var rest = value[...]
        while let character = rest.popFirst() {
            switch character {
            case "\\":
                word = (word ?? "") + unescaped(&rest)
            case quote:
                quote = nil
            case "\"" where quote == nil, "'" where quote == nil:
                quote = character
                word = word ?? ""
            case " " where quote == nil, "\t" where quote == nil:
                if let word { words.append(word) }
                word = nil
            default:
                word = (word ?? "") + String(character)
            }
        }
        if let word { words.append(word) }
        return words.map { $0.replacing("%%", with: "%") }
    }

    private static func unescaped(_ rest: inout Substring) -> String {
        guard let character = rest.popFirst() else { return "\\" }
        return switch character {
        case "n": "\n"
        case "t": "\t"
        case "s": " "
        default: String(character)
        }
    }
}
