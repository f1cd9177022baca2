import PortlessCore

/// The patterns of `.gitignore` files, to skip directories that aren't the project's own.
struct IgnoreRules {
    /// More than any project has, and few enough to match each against every directory.
    private static let maximumRules = 2000

    private struct Rule {
        var base: String
        var pattern: IgnorePattern
        var isNegated: Bool
        var isAnchored: Bool
    }

    private var rules: [Rule] = []

    /// Adds the patterns of the `.gitignore` that lies in `directory`.
    mutating func add(_ source: SourceText, in directory: String) throws(SourceError) {
        let text = String(decoding: source.bytes, as: UTF8.self)
        for line in text.split(whereSeparator: \.isNewline) {
            var pattern = line.trimmingBlanks
            guard !pattern.isEmpty, !pattern.hasPrefix("#") else { continue }
            let isNegated = pattern.hasPrefix("!")
            if isNegated { pattern.removeFirst() }
            if pattern.hasSuffix("/") { pattern.removeLast() }
            let isAnchored = pattern.contains("/")
            if pattern.hasPrefix("/") { pattern.removeFirst() }
            guard !pattern.isEmpty else { continue }
            guard rules.count < Self.maximumRules else {
                throw source.overBudget(at: 0, "it has more patterns than can be looked at")
            }
            rules.append(
                Rule(
                    base: directory,
                    pattern: IgnorePattern(pattern),
                    isNegated: isNegated,
                    isAnchored: isAnchored,
                )
            )
        }
    }

    /// Whether git ignores the directory: the last pattern that matches decides.
    func ignores(directory path: String, budget: ReadingBudget) -> Bool {
        let name = Array(ProjectPath.name(of: path).unicodeScalars)
        let whole = Array(path.unicodeScalars)
        let last = rules.last { rule in
            let prefix = rule.base.isEmpty ? 0 : rule.base.unicodeScalars.count + 1
            guard rule.base.isEmpty || path.hasPrefix(rule.base + "/") else { return false }
            let subject = rule.isAnchored ? whole.dropFirst(prefix) : name[...]
            guard budget.spend(1 + rule.pattern.count * subject.count / 16) else { return false }
            return rule.pattern.matches(subject)
        }
        return last.map { !$0.isNegated } ?? false
    }
}

/// One pattern of a `.gitignore`: `*` and `?` within a name, `**/` for any folders, `**` for
/// anything, and a backslash to escape a character.
///
/// Matching walks the text once and keeps every position in the pattern that it may have reached,
/// so the number of steps is the product of both lengths, however many stars there are.
struct IgnorePattern {
    private enum Part {
        case character(Unicode.Scalar)
        /// One character except a slash.
        case any
        /// Any number of characters except slashes.
        case star
        /// Any number of whole folders, each with its slash.
        case folders
        case everything
    }

    private let parts: [Part]

    var count: Int { parts.count }

    init(_ pattern: String) {
        var parts: [Part] = []
        var rest = Array(pattern.unicodeScalars)[...]
        while let first = rest.popFirst() {
            switch first {
            case "*" where rest.starts(with: "*/".unicodeScalars):
                rest.removeFirst(2)
                parts.append(.folders)
            case "*" where rest.elementsEqual("*".unicodeScalars):
                rest.removeFirst()
                parts.append(.everything)
            // Two stars in a row match the same as one.
            case "*":
                if case .star = parts.last { continue }
                parts.append(.star)
            case "?": parts.append(.any)
            case "\\": parts.append(.character(rest.popFirst() ?? first))
            default: parts.append(.character(first))
            }
        }
        self.parts = parts
    }

    func matches(_ text: some Sequence<Unicode.Scalar>) -> Bool {
        var reached = [Bool](repeating: false, count: parts.count + 1)
        reached[0] = true
        passEmpty(&reached)
        for character in text {
            guard reached.contains(true) else { return false }
            var next = [Bool](repeating: false, count: parts.count + 1)
            for (place, part) in parts.enumerated() where reached[place] {
                switch part {
                case .character(let wanted): if character == wanted { next[place + 1] = true }
                case .any: if character != "/" { next[place + 1] = true }
                case .star: if character != "/" { next[place] = true }
                case .folders:
                    // Within a folder's name, until its slash.
                    next[place] = true
                case .everything: next[place] = true
                }
            }
            passEmpty(&next, after: character)
            reached = next
        }
        return reached[parts.count]
    }

    /// Advances past the parts that may match nothing.
    private func passEmpty(_ reached: inout [Bool], after previous: Unicode.Scalar? = nil) {
        for (place, part) in parts.enumerated() where reached[place] {
            switch part {
            case .star, .everything: reached[place + 1] = true
            case .folders where previous == nil || previous == "/": reached[place + 1] = true
            case .folders, .character, .any: break
            }
        }
    }
}
