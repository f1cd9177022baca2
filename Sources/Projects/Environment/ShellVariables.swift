import PortlessCore

/// Expands `$VAR`, `${VAR}` and `${VAR:-default}` like shells and compose files.
enum ShellVariables {
    /// Longer than any command line or address with a port.
    private static let maximumLength = 16 << 10

    /// `value` with its variables expanded; unresolved where a variable has no default.
    static func expanded(
        _ text: String,
        as value: ConfigurationValue,
        variables: [String: ConfigurationValue] = [:],
        budget: ReadingBudget? = nil,
    ) -> ConfigurationValue {
        guard text.contains("$") else { return value }
        var result = ""
        var overriddenBy: String?
        var known: ConfigurationValue?
        var rest = text[...]
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            // `B=$A$A`, `C=$B$B` and so on double their length with each line.
            guard result.utf8.count <= maximumLength else {
                return .unresolved(OverBudget.size, at: value.origin)
            }
            rest = rest[rest.index(after: dollar)...]
            if rest.first == "$" {
                result += "$"
                rest.removeFirst()
                continue
            }
            let (name, fallback) = reference(&rest)
            if let variable = variables[name], let text = variable.text, !text.isEmpty {
                result += text
                known = variable
            } else if let fallback {
                result += fallback
                overriddenBy = name
            } else {
                var unknown = ConfigurationValue.unresolved(
                    "\(name) comes from the environment and has no default",
                    at: value.origin,
                )
                unknown.overriddenBy = name
                return unknown
            }
        }
        guard budget?.spend(bytes: result.utf8.count) != false else {
            return .unresolved(OverBudget.work, at: value.origin)
        }
        var expanded = value
        expanded.kind = .string(result + rest)
        if let known, known.text == expanded.text { expanded = known }
        expanded.overriddenBy = overriddenBy
        return expanded
    }

    /// Parses a name and its default after a dollar sign.
    private static func reference(_ rest: inout Substring) -> (name: String, fallback: String?) {
        func isNamePart(_ character: Character) -> Bool {
            character.isLetter || character.isNumber || character == "_"
        }
        guard rest.first == "{", let close = rest.firstIndex(of: "}") else {
            let name = rest.prefix(while: isNamePart)
            rest = rest[name.endIndex...]
            return (String(name), nil)
        }
        let inner = rest[rest.index(after: rest.startIndex)..<close]
        rest = rest[rest.index(after: close)...]
        let name = inner.prefix(while: isNamePart)
        let tail = inner[name.endIndex...]
        for mark in [":-", "-"] where tail.hasPrefix(mark) {
            return (String(name), String(tail.dropFirst(mark.count)))
        }
        return (String(name), nil)
    }
}
