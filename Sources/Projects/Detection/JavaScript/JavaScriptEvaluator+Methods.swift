import PortlessCore

extension JavaScriptEvaluator {
    /// The few methods of strings, numbers and arrays that change no meaning; nil for others.
    func method(
        _ name: String,
        of target: JavaScriptValue,
        _ arguments: [JavaScriptValue],
        at origin: SourceLocation,
    ) -> JavaScriptValue? {
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
        of target: JavaScriptValue,
        _ text: String,
        _ arguments: [JavaScriptValue],
        at origin: SourceLocation,
    ) -> JavaScriptValue? {
        switch name {
        case "toString": return target
        case "trim":
            var result = target
            result.kind = .string(text.trimmingBlanks)
            result.pieces = text == text.trimmingBlanks ? target.pieces : []
            return result
        case "toLowerCase": return JavaScriptValue(.string(text.lowercased()), at: target.origin)
        case "toUpperCase": return JavaScriptValue(.string(text.uppercased()), at: target.origin)
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
            return JavaScriptValue(
                .array(parts.map { JavaScriptValue(.string(String($0)), at: target.origin) }),
                at: origin,
            )
        default:
            return .unresolved("the method \"\(name)\" of a string is not followed", at: origin)
        }
    }

    private func arrayMethod(
        _ name: String,
        of elements: [JavaScriptValue],
        _ arguments: [JavaScriptValue],
        at origin: SourceLocation,
    ) -> JavaScriptValue? {
        switch name {
        case "push": return JavaScriptValue(.array(elements + arguments), at: origin)
        case "concat":
            let added = arguments.flatMap { $0.array ?? [$0] }
            return JavaScriptValue(.array(elements + added), at: origin)
        case "flat":
            return JavaScriptValue(.array(elements.flatMap { $0.array ?? [$0] }), at: origin)
        case "join": return joined(elements, by: arguments.first, at: origin)
        case "map", "flatMap":
            guard case .function(let closure) = arguments.first?.kind else { return nil }
            var results: [JavaScriptValue] = []
            for (index, element) in elements.enumerated() {
                let position = JavaScriptValue(.number(Double(index)), at: origin)
                let result = apply(closure, [element, position], at: origin)
                guard budget.spend(result.memberCount) else {
                    return .unresolved(OverBudget.work, at: origin)
                }
                results += name == "flatMap" ? result.array ?? [result] : [result]
            }
            return JavaScriptValue(.array(results), at: origin)
        case "filter": return filtered(elements, by: arguments.first, at: origin)
        default:
            return .unresolved("the method \"\(name)\" of an array is not followed", at: origin)
        }
    }

    private func joined(
        _ elements: [JavaScriptValue],
        by separator: JavaScriptValue?,
        at origin: SourceLocation,
    ) -> JavaScriptValue {
        let separator = separator ?? JavaScriptValue(.string(","), at: origin)
        var result = JavaScriptValue(.string(""), at: origin)
        for (index, element) in elements.enumerated() {
            if index > 0 { result = concatenate(result, separator, at: origin) }
            result = concatenate(result, element, at: origin)
        }
        return result
    }

    private func filtered(
        _ elements: [JavaScriptValue],
        by predicate: JavaScriptValue?,
        at origin: SourceLocation,
    ) -> JavaScriptValue {
        var kept: [JavaScriptValue] = []
        for element in elements {
            let verdict: JavaScriptValue
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
        return JavaScriptValue(.array(kept), at: origin)
    }
}
