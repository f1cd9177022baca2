import HostSystem
import PortlessCore

extension JavaScriptEvaluator {
    func evaluate(
        _ expression: JavaScriptExpression,
        in scope: JavaScriptScope,
        of module: JavaScriptModule,
    ) -> ConfigurationValue {
        let origin = module.location(expression.range)
        guard budget.spend(), budget.enter() else {
            return .unresolved(OverBudget.work, at: origin)
        }
        defer { budget.leave() }
        return admitted(value(of: expression, at: origin, in: scope, of: module), at: origin)
    }

    /// The value, unless it is too large, mostly because of copies of itself.
    func admitted(_ value: ConfigurationValue, at origin: SourceLocation) -> ConfigurationValue {
        guard value.weight <= ReadingBudget.maximumWeight,
            value.nesting <= ReadingBudget.maximumNesting
        else { return .unresolved(OverBudget.size, at: origin) }
        return value
    }

    private func value(
        of expression: JavaScriptExpression,
        at origin: SourceLocation,
        in scope: JavaScriptScope,
        of module: JavaScriptModule,
    ) -> ConfigurationValue {
        switch expression.kind {
        case .number(let value): return ConfigurationValue(.number(value), at: origin)
        case .string(let text): return ConfigurationValue(.string(text), at: origin)
        case .boolean(let value): return ConfigurationValue(.boolean(value), at: origin)
        case .null: return ConfigurationValue(.null, at: origin)
        case .regularExpression:
            let text = module.source.string(expression.range.prefix(16))
            if ["/\\n/", "/\\r?\\n/", "/\\n/g", "/\\r?\\n/g", "/\\r\\n|\\n/"].contains(text) {
                return ConfigurationValue(.builtin(Self.lineBreak), at: origin)
            }
            return .unresolved("this is a regular expression", at: origin)
        case .opaque(let what):
            return .unresolved("\(what) is only known when it runs", at: origin)
        case .name(let name): return value(of: name, at: origin, in: scope, of: module)
        case .template(let parts): return template(parts, at: origin, in: scope, of: module)
        case .array(let elements):
            return array(elements, at: origin, in: scope, of: module)
        case .object(let members):
            return object(members, at: origin, in: scope, of: module)
        case .member(let target, let name):
            let value = evaluate(target, in: scope, of: module)
            if value.isNullish, target.isOptional {
                return ConfigurationValue(.undefined, at: origin)
            }
            return property(name, of: value, at: origin, in: module)
        case .element(let inner, let key):
            let target = evaluate(inner, in: scope, of: module)
            if target.isNullish, inner.isOptional {
                return ConfigurationValue(.undefined, at: origin)
            }
            let key = evaluate(key, in: scope, of: module)
            if let problem = key.problem {
                return ConfigurationValue(.unresolved(problem), at: origin)
            }
            return property(keyText(key) ?? "", of: target, at: origin, in: module)
        case .call(let callee, let arguments):
            return call(callee, arguments, at: origin, in: scope, of: module)
        case .construction(let callee, let arguments):
            return construct(callee, arguments, at: origin, in: scope, of: module)
        case .optional(let inner): return evaluate(inner, in: scope, of: module)
        case .unary("delete", let operand):
            return delete(operand, at: origin, in: scope, of: module)
        case .unary(let symbol, let operand):
            return unary(symbol, evaluate(operand, in: scope, of: module), at: origin)
        case .binary: return chain(expression, in: scope, of: module)
        case .conditional(let condition, let positive, let negative):
            return conditional(
                condition,
                then: positive,
                else: negative,
                at: origin,
                in: scope,
                of: module,
            )
        case .assignment(let symbol, let target, let value):
            return assign(symbol, of: target, value, at: origin, in: scope, of: module)
        case .sequence(let expressions):
            var last = ConfigurationValue(.undefined, at: origin)
            for expression in expressions { last = evaluate(expression, in: scope, of: module) }
            return last
        case .function(let function):
            return closure(function, at: origin, in: scope, of: module)
        }
    }

    /// `a + b + c`, from the left and without recursion, because chains may be longer than the
    /// stack allows.
    private func chain(
        _ expression: JavaScriptExpression,
        in scope: JavaScriptScope,
        of module: JavaScriptModule,
    ) -> ConfigurationValue {
        var links: [(symbol: String, right: JavaScriptExpression, range: Range<Int>)] = []
        var first = expression
        while case .binary(let symbol, let left, let right) = first.kind {
            links.append((symbol, right, first.range))
            first = left
        }
        var value = evaluate(first, in: scope, of: module)
        for link in links.reversed() {
            let origin = module.location(link.range)
            if let settled = shortCircuit(link.symbol, value) {
                value = settled
            } else {
                let isChoice = ["&&", "||", "??"].contains(link.symbol)
                let right =
                    isChoice && settled(value).truth == nil
                    ? doubting(doubt(about: value)) {
                        evaluate(link.right, in: scope, of: module)
                    } : evaluate(link.right, in: scope, of: module)
                value = admitted(
                    binary(link.symbol, left: value, right: right, at: origin),
                    at: origin,
                )
            }
        }
        return value
    }

    /// The property name that `key` evaluates to; nil where it is unknown.
    func keyText(_ key: ConfigurationValue) -> String? {
        guard budget.spend(key.extent) else { return nil }
        return key.plain.text
    }

    private func template(
        _ parts: [JavaScriptExpression.TemplatePart],
        at origin: SourceLocation,
        in scope: JavaScriptScope,
        of module: JavaScriptModule,
    ) -> ConfigurationValue {
        var result = ConfigurationValue(.string(""), at: origin)
        var unknown: Unresolved?
        for part in parts {
            switch part {
            case .text(let text):
                result = concatenate(
                    result,
                    ConfigurationValue(.string(text), at: origin),
                    at: origin,
                )
            case .expression(let expression):
                var value = evaluate(expression, in: scope, of: module)
                if let problem = value.problem {
                    unknown = unknown ?? problem
                    value = ConfigurationValue(
                        .string(ConfigurationValue.unknownPart),
                        at: value.origin,
                    )
                }
                result = concatenate(result, value, at: origin)
            }
            if result.problem != nil { return result }
        }
        guard let unknown else { return result }
        // The rest of a command line may still show where it listens.
        var partial = ConfigurationValue(.unresolved(unknown), at: origin)
        partial.knownText = result.string
        partial.pieces = result.pieces
        return partial
    }

    private func array(
        _ elements: [JavaScriptExpression.Element],
        at origin: SourceLocation,
        in scope: JavaScriptScope,
        of module: JavaScriptModule,
    ) -> ConfigurationValue {
        var values: [ConfigurationValue] = []
        for element in elements {
            let value = evaluate(element.expression, in: scope, of: module)
            guard element.isSpread else {
                values.append(value)
                continue
            }
            if let inner = value.array {
                guard budget.spend(inner.count) else {
                    return .unresolved(OverBudget.work, at: origin)
                }
                values += inner
            } else {
                // Kept as an element, so that the reader of the array reports it.
                let problem = value.problem ?? Unresolved(value.origin, "this is not an array")
                values.append(ConfigurationValue(.unresolved(problem), at: value.origin))
            }
        }
        return made(.array(values), at: origin)
    }

    private func object(
        _ members: [JavaScriptExpression.Member],
        at origin: SourceLocation,
        in scope: JavaScriptScope,
        of module: JavaScriptModule,
    ) -> ConfigurationValue {
        var object = ConfigurationObject()
        for member in members {
            var value = evaluate(member.value, in: scope, of: module)
            switch member.key {
            case .spread:
                spread(value, into: &object)
                continue
            case .name(let name):
                describe(&value, as: name, from: member.range, in: module)
                object[name] = value
            case .computed(let key):
                let key = evaluate(key, in: scope, of: module)
                if let problem = key.problem {
                    object.gaps.append(problem)
                } else if let name = keyText(key) {
                    describe(&value, as: name, from: member.range, in: module)
                    object[name] = value
                }
            }
        }
        return made(.object(object), at: origin)
    }

    func spread(_ value: ConfigurationValue, into object: inout ConfigurationObject) {
        budget.spend(value.memberCount)
        guard !budget.isFileSpent else {
            object.gaps.append(Unresolved(value.origin, OverBudget.work))
            return
        }
        if let other = value.object { return object.merge(other) }
        for (index, element) in (value.array ?? []).enumerated() {
            object[String(index)] = element
        }
        if case .builtin("process.env") = value.kind { return }
        if let problem = value.problem { object.gaps.append(problem) }
    }

    /// The literal's own comment and name win over those of the places that refer to it.
    func describe(
        _ value: inout ConfigurationValue,
        as name: String,
        from range: Range<Int>,
        in module: JavaScriptModule,
    ) {
        let isWrittenHere =
            value.origin.file == module.source.file
            && value.origin.range.map(range.contains) == true
        if value.comment == nil { value.comment = module.comments.description(of: range) }
        if isWrittenHere || value.constant == nil { value.constant = name }
    }

    private func conditional(
        _ condition: JavaScriptExpression,
        then positive: JavaScriptExpression,
        else negative: JavaScriptExpression,
        at origin: SourceLocation,
        in scope: JavaScriptScope,
        of module: JavaScriptModule,
    ) -> ConfigurationValue {
        let condition = evaluate(condition, in: scope, of: module)
        if let truth = settled(condition).truth {
            return evaluate(truth ? positive : negative, in: scope, of: module)
        }
        let doubt = doubt(about: condition)
        let first = doubting(doubt) { evaluate(positive, in: scope, of: module) }
        let second = doubting(doubt) { evaluate(negative, in: scope, of: module) }
        return joined(first, second, because: doubt, at: origin)
    }

    /// The value of an unset variable in a condition.
    func settled(_ value: ConfigurationValue) -> ConfigurationValue {
        guard case .environment(let name) = value.kind, isUnset(name) else { return value }
        return ConfigurationValue(.undefined, at: value.origin)
    }

    /// Whether a variable is assumed to be unset: `NODE_ENV`, which only production sets, and where
    /// the environment is known, all others except those that are set for each app.
    private func isUnset(_ name: String) -> Bool {
        if name == "process.env.NODE_ENV" { return true }
        return knowsEnvironment && name.hasPrefix("process.env.")
            && !["process.env.PORT", "process.env.HOST"].contains(name)
    }

    private func delete(
        _ operand: JavaScriptExpression,
        at origin: SourceLocation,
        in scope: JavaScriptScope,
        of module: JavaScriptModule,
    ) -> ConfigurationValue {
        if let place = place(of: operand, in: scope, of: module),
            case .property(let object, let key) = place
        {
            let nothing = ConfigurationValue(.undefined, at: origin)
            if doubts.count == object.doubts, case .object(var members) = object.content {
                guard budget.spend(members.properties.count) else { return nothing }
                members[key] = nil
                object.content = .object(members)
            } else {
                set(key, of: object, to: nothing, at: origin)
            }
        }
        return ConfigurationValue(.boolean(true), at: origin)
    }
}

extension JavaScriptExpression {
    /// Whether the optional chain that begins with it ends at null or undefined.
    var isOptional: Bool {
        var expression = self
        while true {
            switch expression.kind {
            case .optional: return true
            case .member(let inner, _), .element(let inner, _), .call(let inner, _):
                expression = inner
            default: return false
            }
        }
    }
}

extension Range<Int> {
    fileprivate func contains(_ other: Range<Int>) -> Bool {
        lowerBound <= other.lowerBound && other.upperBound <= upperBound
    }
}
