import PortlessCore

extension JavaScriptEvaluator {
    /// The target of an assignment.
    enum Place {
        case name(String)
        case property(JavaScriptObject, String)
        case exports
        case variable(String)
    }

    func assign(
        _ symbol: String,
        of target: JavaScriptExpression,
        _ expression: JavaScriptExpression,
        at origin: SourceLocation,
        in scope: JavaScriptScope,
        of module: JavaScriptModule,
    ) -> ConfigurationValue {
        if symbol != "=" {
            return update(symbol, of: target, expression, at: origin, in: scope, of: module)
        }
        var value = evaluate(expression, in: scope, of: module)
        if let place = place(of: target, in: scope, of: module) {
            write(&value, to: place, at: origin, in: scope, of: module)
        }
        return value
    }

    /// `a += b`, and `a ??= b`, which may not write at all.
    private func update(
        _ symbol: String,
        of target: JavaScriptExpression,
        _ expression: JavaScriptExpression,
        at origin: SourceLocation,
        in scope: JavaScriptScope,
        of module: JavaScriptModule,
    ) -> ConfigurationValue {
        let operation = String(symbol.dropLast())
        let old = evaluate(target, in: scope, of: module)
        if let settled = shortCircuit(operation, old) { return settled }
        let right = evaluate(expression, in: scope, of: module)
        var value = binary(operation, left: old, right: right, at: origin)
        if let place = place(of: target, in: scope, of: module) {
            write(&value, to: place, at: origin, in: scope, of: module)
        }
        return value
    }

    private func write(
        _ value: inout ConfigurationValue,
        to place: Place,
        at origin: SourceLocation,
        in scope: JavaScriptScope,
        of module: JavaScriptModule,
    ) {
        let range = origin.range ?? 0..<0
        switch place {
        case .name(let name):
            describe(&value, as: name, from: range, in: module)
            assign(name, value, at: origin, in: scope)
        case .property(let object, let key):
            describe(&value, as: key, from: range, in: module)
            set(key, of: object, to: value, at: origin)
        case .exports:
            let depth = module.scope.doubts
            module.live = doubted(value, over: module.live, since: depth, at: origin)
        case .variable(let name):
            dotenv[name] = doubted(value, over: dotenv[name], since: 0, at: origin)
        }
    }

    /// Nil for targets that are unknown or can't affect a result.
    func place(
        of target: JavaScriptExpression,
        in scope: JavaScriptScope,
        of module: JavaScriptModule,
    ) -> Place? {
        let owner: ConfigurationValue
        let key: ConfigurationValue
        switch target.kind {
        case .name(let name): return .name(name)
        case .member(let inner, let name):
            owner = evaluate(inner, in: scope, of: module)
            key = ConfigurationValue(.string(name), at: owner.origin)
        case .element(let inner, let index):
            owner = evaluate(inner, in: scope, of: module)
            key = evaluate(index, in: scope, of: module)
        default:
            let origin = module.location(target.range)
            module.report(Unresolved(origin, "this kind of assignment is not followed"))
            return nil
        }
        guard let name = keyText(key), key.problem == nil else {
            let problem = key.problem ?? Unresolved(key.origin, "this key is unknown")
            if case .reference(let object) = owner.kind { forget(object, because: problem) }
            return nil
        }
        switch owner.kind {
        case .reference(let object): return .property(object, name)
        case .builtin("module") where name == "exports": return .exports
        case .builtin("process.env"): return .variable(name)
        default: return nil
        }
    }
}
