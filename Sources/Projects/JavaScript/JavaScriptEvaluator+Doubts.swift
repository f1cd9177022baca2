import HostSystem
import PortlessCore

/// An unknown condition, while both of its outcomes are evaluated.
struct JavaScriptDoubt {
    var reason: String
    /// The environment variable that the condition tests, if it tests nothing else.
    var variable: String?
}

/// How a statement ends.
enum JavaScriptCompletion {
    case normal
    case returned(ConfigurationValue)
    case broken
    case continued
    case thrown

    var isNormal: Bool { if case .normal = self { true } else { false } }

    var returned: ConfigurationValue? { if case .returned(let value) = self { value } else { nil } }

    var isThrown: Bool { if case .thrown = self { true } else { false } }
}

/// After an unknown condition all branches are evaluated, and each value that they write to an
/// object older than the condition becomes unknown, unless it is the same in all branches.
extension JavaScriptEvaluator {
    func doubt(about condition: ConfigurationValue) -> JavaScriptDoubt {
        let reason = condition.problem?.reason ?? "its condition is unknown"
        if case .environment(let name) = condition.kind {
            return JavaScriptDoubt(reason: reason, variable: name)
        }
        return JavaScriptDoubt(reason: reason)
    }

    /// The result of `body` under a doubt.
    func doubting<Result>(_ doubt: JavaScriptDoubt, _ body: () -> Result) -> Result {
        let depth = doubts.count
        doubts.append(doubt)
        defer { endDoubts(to: depth) }
        return body()
    }

    func endDoubts(to depth: Int) {
        if doubts.count > depth { doubts.removeLast(doubts.count - depth) }
    }

    /// Evaluates all branches, of which one is taken.
    func undecided(
        _ branches: [() -> JavaScriptCompletion],
        because doubt: JavaScriptDoubt,
    ) -> JavaScriptCompletion {
        let before = (pending.count, jumps)
        let completions = branches.map { branch in doubting(doubt, branch) }
        let result = settle(completions, because: doubt)
        // A branch in a branch may have left the function or loop.
        if (pending.count, jumps) != before { doubts.append(doubt) }
        return result
    }

    /// The joint outcome of several branches; one that throws has none.
    func settle(
        _ completions: [JavaScriptCompletion],
        because doubt: JavaScriptDoubt,
    ) -> JavaScriptCompletion {
        let alive = completions.filter { !$0.isThrown }
        guard let first = alive.first else { return completions.isEmpty ? .normal : .thrown }
        if alive.count < completions.count { note(mayThrow: doubt.reason) }
        let values = alive.compactMap(\.returned)
        if values.count == alive.count {
            let all = values.dropFirst().reduce(values[0]) {
                joined($0, $1, because: doubt, at: $1.origin)
            }
            return .returned(all)
        }
        if alive.allSatisfy(\.isNormal) || alive.count == 1 { return first }
        pending += values
        if values.count < alive.filter({ !$0.isNormal }).count { jumps += 1 }
        return .normal
    }

    /// The value of either branch; unknown, if they differ.
    func joined(
        _ first: ConfigurationValue,
        _ second: ConfigurationValue,
        because doubt: JavaScriptDoubt,
        at origin: SourceLocation,
    ) -> ConfigurationValue {
        let size = first.extent.saturatingAdd(second.extent)
        guard budget.spend(size), budget.enter() else {
            return .unresolved(OverBudget.work, at: origin)
        }
        defer { budget.leave() }
        // `process.env.PORT ? Number(process.env.PORT) : 4420` means `||`.
        if let variable = doubt.variable {
            for (asked, other) in [(first, second), (second, first)] {
                guard case .environment(variable) = asked.kind, other.problem == nil else {
                    continue
                }
                var result = other
                result.overriddenBy = variable
                return result
            }
        }
        if isSame(first, second) { return first }
        if let left = first.object, let right = second.object {
            return joined(left, right, because: doubt, at: origin)
        }
        if let left = first.array, let right = second.array {
            let shared = zip(left, right).map { joined($0, $1, because: doubt, at: $1.origin) }
            let longer = left.count > right.count ? left : right
            let rest = longer.dropFirst(shared.count).map { element in
                Self.uncertain(element, because: doubt)
            }
            return made(.array(shared + rest), at: origin)
        }
        return .unresolved("which of the two values holds depends: \(doubt.reason)", at: origin)
    }

    private func joined(
        _ left: ConfigurationObject,
        _ right: ConfigurationObject,
        because doubt: JavaScriptDoubt,
        at origin: SourceLocation,
    ) -> ConfigurationValue {
        var result = ConfigurationObject()
        result.gaps = left.gaps + right.gaps
        for property in left.properties {
            if let other = right[property.name] {
                let value = joined(property.value, other, because: doubt, at: other.origin)
                result[property.name] = value
            } else {
                result[property.name] = Self.uncertain(property.value, because: doubt)
            }
        }
        for property in right.properties where left[property.name] == nil {
            result[property.name] = Self.uncertain(property.value, because: doubt)
        }
        return made(.object(result), at: origin)
    }

    static func uncertain(
        _ value: ConfigurationValue,
        because doubt: JavaScriptDoubt,
    ) -> ConfigurationValue {
        .unresolved("whether this is here depends: \(doubt.reason)", at: value.origin)
    }

    private func isSame(_ first: ConfigurationValue, _ second: ConfigurationValue) -> Bool {
        switch (first.kind, second.kind) {
        case (.reference(let left), .reference(let right)): left === right
        case (.builtin(let left), .builtin(let right)): left == right
        case (.undefined, .undefined), (.null, .null): true
        default: first.scalar != nil && first.scalar == second.scalar
        }
    }

    /// The value after a write under the current doubts; the place written to is older than all but
    /// `depth` of them.
    func doubted(
        _ value: ConfigurationValue,
        over old: ConfigurationValue?,
        since depth: Int,
        at origin: SourceLocation,
    ) -> ConfigurationValue {
        guard doubts.count > depth else { return value }
        let doubt = doubts[depth]
        guard let old, !old.isUndefined else {
            if value.isUndefined { return value }
            return .unresolved("whether this is set depends: \(doubt.reason)", at: origin)
        }
        return joined(old, value, because: doubt, at: origin)
    }

    // MARK: Writing

    /// A new object or list, shared by reference.
    func made(_ content: ConfigurationValue.Kind, at origin: SourceLocation) -> ConfigurationValue {
        let value = ConfigurationValue(content, at: origin)
        guard budget.spend(4), value.memberCount <= ReadingBudget.maximumWeight else {
            return .unresolved(OverBudget.size, at: origin)
        }
        let object = JavaScriptObject(content, doubts: doubts.count)
        objects.append(object)
        return ConfigurationValue(.reference(object), at: origin)
    }

    func assign(
        _ name: String,
        _ value: ConfigurationValue,
        at origin: SourceLocation,
        in scope: JavaScriptScope,
    ) {
        let owner = scope.owner(of: name)
        let old = owner.value(of: name)
        owner.declare(name, doubted(value, over: old, since: owner.doubts, at: origin))
    }

    /// `object[key] = value`.
    func set(
        _ key: String,
        of object: JavaScriptObject,
        to value: ConfigurationValue,
        at origin: SourceLocation,
    ) {
        switch object.content {
        case .object(var members):
            let value = doubted(value, over: members[key], since: object.doubts, at: origin)
            // The only copy is changed in place.
            object.content = .null
            members[key] = value
            object.content = .object(members)
        case .array(var elements):
            guard let index = Int(key), index >= 0, index <= elements.count else {
                let reason = "the list's \"\(key.shortened(to: 20))\" is set"
                return append([.unresolved(reason, at: origin)], to: object, at: origin)
            }
            if index == elements.count { return append([value], to: object, at: origin) }
            let old = elements[index]
            let value = doubted(value, over: old, since: object.doubts, at: origin)
            object.content = .null
            elements[index] = value
            object.content = .array(elements)
        default: break
        }
    }

    /// `list.push(…)`: under a doubt, the pushed values become one unknown element.
    func append(
        _ values: [ConfigurationValue],
        to object: JavaScriptObject,
        at origin: SourceLocation,
        atFront: Bool = false,
    ) {
        guard case .array(var elements) = object.content else { return }
        guard budget.spend(values.count + (atFront ? elements.count : 0)),
            elements.count + values.count <= ReadingBudget.maximumWeight
        else {
            object.content = .unresolved(Unresolved(origin, OverBudget.size))
            return
        }
        var values = values
        if doubts.count > object.doubts {
            let doubt = doubts[object.doubts]
            values = values.map { Self.uncertain($0, because: doubt) }
        }
        object.content = .null
        elements.insert(contentsOf: values, at: atFront ? 0 : elements.count)
        object.content = .array(elements)
    }

    /// Marks the object as unknown after an operation that isn't evaluated.
    func forget(_ object: JavaScriptObject, because problem: Unresolved) {
        switch object.content {
        case .object(var members):
            members.gaps.append(problem)
            object.content = .object(members)
        default: object.content = .unresolved(problem)
        }
    }
}
