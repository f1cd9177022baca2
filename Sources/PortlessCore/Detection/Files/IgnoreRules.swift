/// The patterns of `.gitignore` files, for leaving out directories that a project doesn't own.
struct IgnoreRules {
    fileprivate struct Rule {
        var base: String
        var pattern: [Character]
        var isNegated: Bool
        var isAnchored: Bool
    }

    private var rules: [Rule] = []

    /// Adds the patterns of the `.gitignore` that lies in `directory`.
    mutating func add(_ text: String, in directory: String) {
        for line in text.split(whereSeparator: \.isNewline) {
            var pattern = line.trimmingBlanks
            guard !pattern.isEmpty, !pattern.hasPrefix("#") else { continue }
            let isNegated = pattern.hasPrefix("!")
            if isNegated { pattern.removeFirst() }
            if pattern.hasSuffix("/") { pattern.removeLast() }
            let isAnchored = pattern.contains("/")
            if pattern.hasPrefix("/") { pattern.removeFirst() }
            guard !pattern.isEmpty else { continue }
            rules.append(
                Rule(
                    base: directory,
                    pattern: Array(pattern),
                    isNegated: isNegated,
                    isAnchored: isAnchored,
                )
            )
        }
    }

    /// The last pattern that matches decides, as git has it.
    func ignores(directory path: String) -> Bool {
        let last = rules.last { $0.matches(path) }
        return last.map { !$0.isNegated } ?? false
    }
}

extension IgnoreRules.Rule {
    fileprivate func matches(_ path: String) -> Bool {
        var relative = path
        if !base.isEmpty {
            guard path.hasPrefix(base + "/") else { return false }
            relative = String(path.dropFirst(base.count + 1))
        }
        let subject = isAnchored ? relative : ProjectPath.name(of: relative)
        return Self.matches(pattern[...], Array(subject)[...])
    }

    private static func matches(
        _ pattern: ArraySlice<Character>,
        _ text: ArraySlice<Character>,
    ) -> Bool {
        guard let first = pattern.first else { return text.isEmpty }
        if pattern.starts(with: "**/") {
            let rest = pattern.dropFirst(3)
            if matches(rest, text) { return true }
            return text.indices.contains { text[$0] == "/" && matches(rest, text[($0 + 1)...]) }
        }
        if pattern.elementsEqual("**") { return true }
        switch first {
        case "*":
            let segment = text.prefix { $0 != "/" }
            return (0...segment.count).contains {
                matches(pattern.dropFirst(), text.dropFirst($0))
            }
        case "?":
            guard let character = text.first, character != "/" else { return false }
            return matches(pattern.dropFirst(), text.dropFirst())
        case "\\" where pattern.count > 1:
            guard text.first == pattern.dropFirst().first else { return false }
            return matches(pattern.dropFirst(2), text.dropFirst())
        default:
            guard text.first == first else { return false }
            return matches(pattern.dropFirst(), text.dropFirst())
        }
    }
}
