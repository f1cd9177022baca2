import PortlessCore

extension JavaScriptEvaluator {
    /// The few methods of strings, numbers and arrays that change no meaning; nil for others.
    func method(
        _ name: String,
        of target: ConfigurationValue,
        _ arguments: [ConfigurationValue],
        at origin: SourceLocation,
    ) -> ConfigurationValue? {
        switch target.kind {
        case .environment: return target
        case .string(let text): return stringMethod(name, of: target, text, arguments, at: origin)
        case .number where name == "toString":
            guard arguments.isEmpty else { return nil }
            return converted(target) { $0.text.map { .string($0) } }
        case .array(let elements): return arrayMethod(name, of: elements, arguments, at: origin)
        default: return nil
        }
    }

    private func stringMethod(
        _ name: String,
        of target: ConfigurationValue,
        _ text: String,
        _ arguments: [ConfigurationValue],
        at origin: SourceLocation,
    ) -> ConfigurationValue? {
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
        case "split":
            guard let separator = arguments.first?.string, let mark = separator.first,
                separator.count == 1
            else { return nil }
            guard text.utf8.count <= ReadingBudget.maximumWeight else {
                return .unresolved(OverBudget.size, at: origin)
            }
            let parts = text.split(separator: mark, omittingEmptySubsequences: false)
            return ConfigurationValue(
                .array(parts.map { ConfigurationValue(.string(String($0)), at: target.origin) }),
                at: origin,
            )
        default:
            return .unresolved("the method \"\(name)\" of a string is not followed", at: origin)
        }
    }

    private func arrayMethod(
        _ name: String,
        of elements: [ConfigurationValue],
        _ arguments: [ConfigurationValue],
        at origin: SourceLocation,
    ) -> ConfigurationValue? {
        switch name {
        case "push": return ConfigurationValue(.array(elements + arguments), at: origin)
        case "concat":
            let added = arguments.flatMap { $0.array ?? [$0] }
            return ConfigurationValue(.array(elements + added), at: origin)
        case "flat":
            return ConfigurationValue(.array(elements.flatMap { $0.array ?? [$0] }), at: origin)
        case "join": return joined(elements, by: arguments.first, at: origin)
        case "map", "flatMap":
            guard case .function(let closure) = arguments.first?.kind else { return nil }
            var results: [ConfigurationValue] = []
            for (index, element) in elements.enumerated() {
                let position = ConfigurationValue(.number(Double(index)), at: origin)
                let result = apply(closure, [element, position], at: origin)
                guard budget.spend(result.memberCount) else {
                    return .unresolved(OverBudget.work, at: origin)
                }
                results += name == "flatMap" ? result.array ?? [result] : [result]
            }
            return ConfigurationValue(.array(results), at: origin)
        case "filter": return filtered(elements, by: arguments.first, at: origin)
        default:
            return .unresolved("the method \"\(name)\" of an array is not followed", at: origin)
        }
    }

    private func joined(
        _ elements: [ConfigurationValue],
        by separator: ConfigurationValue?,
        at origin: SourceLocation,
    ) -> ConfigurationValue {
        let separator = separator ?? ConfigurationValue(.string(","), at: origin)
        var result = ConfigurationValue(.string(""), at: origin)
        for (index, element) in elements.enumerated() {
            if index > 0 { result = concatenate(result, separator, at: origin) }
            result = concatenate(result, element, at: origin)
        }
        return result
    }

    private func filtered(
        _ elements: [ConfigurationValue],
        by predicate: ConfigurationValue?,
        at origin: SourceLocation,
    ) -> ConfigurationValue {
        var kept: [ConfigurationValue] = []
        for element in elements {
            let verdict: ConfigurationValue
            switch predicate?.kind {
            case .builtin("Boolean"): verdict = element
            case .function(let closure): verdict = apply(closure, [element], at: origin)
            default: return .unresolved("what this filter keeps is unknown", at: origin)
            }
            switch verdict.truth {
            case true?: kept.append(element)
            case false?: continue
            case nil:
                let reason = verdict.problem?.reason ?? "its condition is unknown"
                kept.append(
                    .unresolved("whether this is kept depends: \(reason)", at: element.origin)
                )
            }
        }
        return ConfigurationValue(.array(kept), at: origin)
    }
}
