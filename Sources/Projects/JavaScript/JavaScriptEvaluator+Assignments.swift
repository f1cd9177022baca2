import PortlessCore

extension JavaScriptEvaluator {
    func assign(
        _ symbol: String,
        _ target: JavaScriptExpression,
        _ expression: JavaScriptExpression,
        at origin: SourceLocation,
        in scope: JavaScriptScope,
        of module: JavaScriptModule,
    ) -> ConfigurationValue {
        var value = evaluate(expression, in: scope, of: module)
        if symbol != "=" {
            let operation = String(symbol.dropLast())
            let old = evaluate(target, in: scope, of: module)
            value =
                shortCircuit(operation, old)
                ?? binary(operation, old, value, at: origin)
        }
        var keys: [String] = []
        guard let root = path(of: target, into: &keys, in: scope, of: module) else { return value }
        if let name = keys.last ?? (root == "module" ? nil : root) {
            describe(&value, as: name, from: origin.range ?? 0..<0, in: module)
        }
        store(value, under: keys, of: root, at: origin, in: scope, of: module)
        return value
    }

    /// Replaces what `root.keys…` holds, for a mutation such as `apps.push(…)`.
    func store(
        _ value: ConfigurationValue,
        under keys: [String],
        of root: String,
        at origin: SourceLocation,
        in scope: JavaScriptScope,
        of module: JavaScriptModule,
    ) {
        // Each container on the way is copied, because the old value is kept until then.
        guard budget.spend(keys.count + (scope.value(of: root) ?? module.exports).memberCount)
        else { return }
        switch root {
        case "module" where keys.first == "exports":
            replace(&module.exports, keys.dropFirst(), by: value)
            module.exports = admitted(module.exports, at: origin)
        case "module": break
        case "exports" where scope.value(of: root) == nil:
            replace(&module.exports, keys[...], by: value)
            module.exports = admitted(module.exports, at: origin)
        case "process" where keys.count == 2 && keys[0] == "env":
            dotenv[keys[1]] = value
        default:
            guard var old = scope.value(of: root) else {
                scope.assign(
                    root,
                    keys.isEmpty ? value : .unresolved("this is not defined", at: origin),
                )
                return
            }
            replace(&old, keys[...], by: value)
            scope.assign(root, admitted(old, at: origin))
        }
    }

    /// The name and keys of `a.b["c"]`; nil where a key is unknown, and then `a` is too.
    func path(
        of target: JavaScriptExpression,
        into keys: inout [String],
        in scope: JavaScriptScope,
        of module: JavaScriptModule,
    ) -> String? {
        switch target.kind {
        case .name(let name): return name
        case .member(let inner, let name):
            guard let root = path(of: inner, into: &keys, in: scope, of: module) else { return nil }
            keys.append(name)
            return root
        case .element(let inner, let key):
            guard let root = path(of: inner, into: &keys, in: scope, of: module) else { return nil }
            let key = evaluate(key, in: scope, of: module)
            guard key.problem == nil, let name = keyText(key) else {
                let problem = key.problem ?? Unresolved(key.origin, "this key is unknown")
                if scope.value(of: root) != nil {
                    scope.assign(root, ConfigurationValue(.unresolved(problem), at: key.origin))
                } else {
                    module.report(problem)
                }
                return nil
            }
            keys.append(name)
            return root
        default: return nil
        }
    }

    private func replace(
        _ target: inout ConfigurationValue,
        _ keys: ArraySlice<String>,
        by value: ConfigurationValue,
    ) {
        guard let key = keys.first else {
            target = value
            return
        }
        switch target.kind {
        case .object(var object):
            var inner = object[key] ?? ConfigurationValue(.undefined, at: value.origin)
            replace(&inner, keys.dropFirst(), by: value)
            object[key] = inner
            target.kind = .object(object)
        case .array(var elements):
            guard let index = Int(key), elements.indices.contains(index) else { return }
            replace(&elements[index], keys.dropFirst(), by: value)
            target.kind = .array(elements)
        default: break
        }
    }
}
