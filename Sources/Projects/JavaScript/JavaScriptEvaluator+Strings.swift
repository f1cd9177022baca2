import PortlessCore

/// The methods of strings.
extension JavaScriptEvaluator {
    /// A regular expression for line breaks.
    static let lineBreak = "RegExp of line breaks"

    func stringMethod(
        _ name: String,
        of target: ConfigurationValue,
        _ text: String,
        with arguments: [ConfigurationValue],
        at origin: SourceLocation,
    ) -> ConfigurationValue? {
        if name == "split" { return split(target, text, with: arguments, at: origin) }
        if let problem = arguments.lazy.compactMap(\.problem).first {
            return ConfigurationValue(.unresolved(problem), at: origin)
        }
        let other = arguments.first?.string
        guard budget.spend(text.utf8.count / 16) else {
            return .unresolved(OverBudget.work, at: origin)
        }
        switch name {
        case "toString": return target
        case "trim":
            var result = target
            result.kind = .string(text.trimmingBlanks)
            result.pieces = text == text.trimmingBlanks ? target.pieces : []
            return result
        case "toLowerCase":
            return ConfigurationValue(.string(text.lowercased()), at: target.origin)
        case "toUpperCase":
            return ConfigurationValue(.string(text.uppercased()), at: target.origin)
        case "concat":
            return arguments.reduce(target) { concatenate($0, $1, at: origin) }
        case "startsWith" where other != nil && arguments.count == 1:
            return ConfigurationValue(.boolean(text.hasPrefix(other ?? "")), at: origin)
        case "endsWith" where other != nil && arguments.count == 1:
            return ConfigurationValue(.boolean(text.hasSuffix(other ?? "")), at: origin)
        case "includes" where other?.utf8.count ?? 1000 <= 64 && arguments.count == 1:
            guard let other, budget.spend(text.utf8.count) else { break }
            return ConfigurationValue(.boolean(text.contains(other)), at: origin)
        case "indexOf" where other != nil && arguments.count == 1:
            guard let other, budget.spend(text.utf8.count), other.utf8.count <= 64 else { break }
            let index = text.firstRange(of: other).map { text[..<$0.lowerBound].utf16.count } ?? -1
            return ConfigurationValue(.number(Double(index)), at: origin)
        case "slice", "substring":
            guard let part = part(of: text, arguments, isSlice: name == "slice") else { break }
            return ConfigurationValue(.string(part), at: target.origin)
        default: break
        }
        return .unresolved("the method \"\(name)\" of a string is not followed", at: origin)
    }

    /// Lines keep their numbers, if the text is a file's.
    private func split(
        _ target: ConfigurationValue,
        _ text: String,
        with arguments: [ConfigurationValue],
        at origin: SourceLocation,
    ) -> ConfigurationValue {
        var separator = arguments.first?.string
        var endsWithReturn = false
        if case .builtin(Self.lineBreak) = arguments.first?.kind {
            separator = "\n"
            endsWithReturn = true
        }
        let limit = arguments.count > 1 ? arguments[1].integer : Int.max
        guard let separator, let mark = separator.utf8.first, separator.utf8.count == 1,
            let limit, limit >= 0
        else {
            let problem = arguments.lazy.compactMap(\.problem).first
            let reason = "the method \"split\" of a string is not followed"
            return ConfigurationValue(
                .unresolved(problem ?? Unresolved(origin, reason)),
                at: origin,
            )
        }
        guard text.utf8.count <= ReadingBudget.maximumWeight, budget.spend(text.utf8.count) else {
            return .unresolved(OverBudget.size, at: origin)
        }
        let isOfFile = target.origin.range == nil && mark == UInt8(ascii: "\n")
        let parts = text.utf8.split(separator: mark, omittingEmptySubsequences: false).prefix(limit)
        let values = parts.enumerated().map { index, part in
            let hasReturn = endsWithReturn && part.last == UInt8(ascii: "\r")
            let line = String(decoding: hasReturn ? part.dropLast() : part, as: UTF8.self)
            var value = ConfigurationValue(.string(line), at: target.origin)
            if isOfFile { value.origin.line += index }
            return value
        }
        return made(.array(values), at: origin)
    }

    private func part(
        of text: String,
        _ arguments: [ConfigurationValue],
        isSlice: Bool,
    ) -> String? {
        let units = Array(text.utf16)
        let count = Double(units.count)
        guard (1...2).contains(arguments.count), budget.spend(units.count / 8) else { return nil }
        var ends: [Int] = []
        for argument in arguments {
            guard let bound = argument.number, !bound.isNaN else { return nil }
            let start = bound < 0 ? (isSlice ? bound + count : 0) : bound
            ends.append(Int(min(max(start, 0), count)))
        }
        if ends.count == 1 { ends.append(units.count) }
        if !isSlice { ends.sort() }
        return ends[0] < ends[1] ? String(decoding: units[ends[0]..<ends[1]], as: UTF16.self) : ""
    }
}
