import PortlessCore

/// The methods of lists that call a function for each element.
extension JavaScriptEvaluator {
    /// Nil for a method that isn't followed.
    func callbackMethod(
        _ name: String,
        of elements: [ConfigurationValue],
        _ arguments: [ConfigurationValue],
        at origin: SourceLocation,
    ) -> ConfigurationValue? {
        switch name {
        case "forEach":
            for (index, element) in elements.enumerated() where budget.spend() {
                _ = call(arguments.first, with: element, index: index, at: origin)
            }
            return ConfigurationValue(.undefined, at: origin)
        case "map", "flatMap":
            var results: [ConfigurationValue] = []
            for (index, element) in elements.enumerated() {
                let result = call(arguments.first, with: element, index: index, at: origin)
                guard budget.spend(result.memberCount) else {
                    return .unresolved(OverBudget.work, at: origin)
                }
                results += name == "flatMap" ? result.array ?? [result] : [result]
            }
            return made(.array(results), at: origin)
        case "filter": return filtered(elements, by: arguments.first, at: origin)
        case "find", "findIndex", "some", "every":
            return search(name, elements, by: arguments.first, at: origin)
        case "reduce": return reduced(elements, arguments, at: origin)
        default: return nil
        }
    }

    /// The function's result for one element; under a doubt, if the element may be absent.
    private func call(
        _ function: ConfigurationValue?,
        with element: ConfigurationValue,
        index: Int,
        at origin: SourceLocation,
    ) -> ConfigurationValue {
        let position = ConfigurationValue(.number(Double(index)), at: origin)
        let call = { () -> ConfigurationValue in
            switch function?.kind {
            case .function(let closure):
                return self.apply(closure, [element, position], at: origin)
            case .builtin("Boolean"): return element
            case .builtin("Number"):
                return self.converted(element) { $0.number.map { .number($0) } }
            case .builtin("String"):
                return self.converted(element) { $0.text.map { .string($0) } }
            default:
                return .unresolved("what is called for each element is unknown", at: origin)
            }
        }
        guard case .unresolved(let problem) = element.kind else { return call() }
        return doubting(JavaScriptDoubt(reason: problem.reason), call)
    }

    private func filtered(
        _ elements: [ConfigurationValue],
        by predicate: ConfigurationValue?,
        at origin: SourceLocation,
    ) -> ConfigurationValue {
        guard predicate?.isCallable == true else {
            return .unresolved("what this filter keeps is unknown", at: origin)
        }
        var kept: [ConfigurationValue] = []
        for (index, element) in elements.enumerated() {
            let verdict = call(predicate, with: element, index: index, at: origin)
            switch settled(verdict).truth {
            case true?: kept.append(element)
            case false?: continue
            case nil:
                let reason = verdict.problem?.reason ?? "its condition is unknown"
                kept.append(
                    .unresolved("whether this is kept depends: \(reason)", at: element.origin)
                )
            }
        }
        return made(.array(kept), at: origin)
    }

    private func search(
        _ name: String,
        _ elements: [ConfigurationValue],
        by predicate: ConfigurationValue?,
        at origin: SourceLocation,
    ) -> ConfigurationValue {
        for (index, element) in elements.enumerated() {
            let verdict = call(predicate, with: element, index: index, at: origin)
            guard let truth = settled(verdict).truth else {
                let reason = verdict.problem?.reason ?? "its condition is unknown"
                return .unresolved("what is found here depends: \(reason)", at: origin)
            }
            switch name {
            case "every" where !truth: return ConfigurationValue(.boolean(false), at: origin)
            case "some" where truth: return ConfigurationValue(.boolean(true), at: origin)
            case "find" where truth: return element
            case "findIndex" where truth:
                return ConfigurationValue(.number(Double(index)), at: origin)
            default: continue
            }
        }
        let nothing: ConfigurationValue.Kind =
            switch name {
            case "every": .boolean(true)
            case "some": .boolean(false)
            case "find": .undefined
            default: .number(-1)
            }
        return ConfigurationValue(nothing, at: origin)
    }

    private func reduced(
        _ elements: [ConfigurationValue],
        _ arguments: [ConfigurationValue],
        at origin: SourceLocation,
    ) -> ConfigurationValue? {
        guard case .function(let closure) = arguments.first?.kind else { return nil }
        let start = arguments.count > 1 ? arguments[1] : elements.first
        guard var result = start else { return nil }
        let first = arguments.count > 1 ? 0 : 1
        for (index, element) in elements.enumerated().dropFirst(first) {
            guard budget.spend() else { return .unresolved(OverBudget.work, at: origin) }
            let position = ConfigurationValue(.number(Double(index)), at: origin)
            let soFar = result
            let next = { self.apply(closure, [soFar, element, position], at: origin) }
            if case .unresolved(let problem) = element.kind {
                let doubt = JavaScriptDoubt(reason: problem.reason)
                let other = doubting(doubt, next)
                result = joined(result, other, because: doubt, at: origin)
            } else {
                result = next()
            }
        }
        return result
    }
}

extension ConfigurationValue {
    fileprivate var isCallable: Bool {
        switch kind {
        case .function, .builtin: true
        default: false
        }
    }
}
