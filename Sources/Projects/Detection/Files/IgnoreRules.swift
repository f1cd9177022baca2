import PortlessCore

/// The patterns of `.gitignore` files, for leaving out directories that a project doesn't own.
struct IgnoreRules {
    /// More than any project has, and few enough to try each on every directory.
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

    /// The last pattern that matches decides, as git has it.
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
