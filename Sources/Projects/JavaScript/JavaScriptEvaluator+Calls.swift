import HostSystem
import PortlessCore

extension JavaScriptEvaluator {
    func call(
        _ callee: JavaScriptExpression,
        _ elements: [JavaScriptExpression.Element],
        at origin: SourceLocation,
        in scope: JavaScriptScope,
        of module: JavaScriptModule,
    ) -> ConfigurationValue {
        var arguments: [ConfigurationValue] = []
        for element in elements {
            let value = evaluate(element.expression, in: scope, of: module)
            if element.isSpread, let inner = value.array {
                guard budget.spend(inner.count) else {
                    return .unresolved(OverBudget.work, at: origin)
                }
                arguments += inner
            } else {
                arguments.append(value)
            }
        }
        if case .member(let targetExpression, let method) = callee.kind {
            let target = evaluate(targetExpression, in: scope, of: module)
            // Methods look at all of a text and copy all of a list.
            guard budget.spend(arguments.reduce(target.weight) { $0.saturatingAdd($1.weight) })
            else { return .unresolved(OverBudget.work, at: origin) }
            if let result = self.method(method, of: target, arguments, at: origin) {
                if method == "push" {
                    var keys: [String] = []
                    if let root = path(of: targetExpression, into: &keys, in: scope, of: module) {
                        store(result, under: keys, of: root, at: origin, in: scope, of: module)
                    }
                }
                return result
            }
            if case .builtin("Object") = target.kind, method == "assign", let first = elements.first
            {
                let result = builtin("Object.assign", arguments, at: origin, from: module)
                var keys: [String] = []
                let root = path(of: first.expression, into: &keys, in: scope, of: module)
                if let root, result.object != nil {
                    store(result, under: keys, of: root, at: origin, in: scope, of: module)
                }
                return result
            }
        }
        // A configuration's own helper: `defineConfig(options)` and its like hand their options on.
        if case .name(let name) = callee.kind, scope.value(of: name)?.problem != nil,
            name.hasPrefix("define"), let first = arguments.first
        {
            return defined(first, at: origin)
        }
        let function = evaluate(callee, in: scope, of: module)
        switch function.kind {
        case .function(let closure): return apply(closure, arguments, at: origin)
        case .builtin(let name):
            guard budget.spend(arguments.reduce(1) { $0.saturatingAdd($1.weight) }) else {
                return .unresolved(OverBudget.work, at: origin)
            }
            return builtin(name, arguments, at: origin, from: module)
        default:
            if let problem = function.problem {
                return ConfigurationValue(.unresolved(problem), at: origin)
            }
            return .unresolved("what is called here is not a function", at: origin)
        }
    }

    /// `defineConfig(({ mode }) => ({ … }))`: the options are what the function returns.
    func defined(_ options: ConfigurationValue, at origin: SourceLocation) -> ConfigurationValue {
        guard case .function(let closure) = options.kind else { return options }
        return apply(closure, [], at: origin)
    }

    /// The value of a function that only declares constants and returns an expression.
    func apply(
        _ closure: JavaScriptClosure,
        _ arguments: [ConfigurationValue],
        at origin: SourceLocation,
    ) -> ConfigurationValue {
        guard budget.spend(), let module = closure.module else {
            return .unresolved(OverBudget.work, at: origin)
        }
        let scope = JavaScriptScope(parent: closure.scope)
        for (index, parameter) in closure.function.parameters.enumerated() {
            let argument =
                index < arguments.count
                ? arguments[index]
                : Self.missingArgument(parameter, at: origin)
            bind(parameter, to: argument, in: scope, of: module)
        }
        switch closure.function.body {
        case .expression(let expression):
            return evaluate(expression, in: scope, of: module)
        case .unreadable(let error):
            return ConfigurationValue(.unresolved(Unresolved(error)), at: origin)
        case .statements(let statements):
            return run(statements, in: scope, of: module)
                ?? ConfigurationValue(.undefined, at: origin)
        }
    }

    /// A tool's own argument, such as Vite's `{ mode }`, is not known; a default stands.
    private static func missingArgument(
        _ parameter: JavaScriptPattern,
        at origin: SourceLocation,
    ) -> ConfigurationValue {
        if case .withDefault = parameter { return ConfigurationValue(.undefined, at: origin) }
        let names = parameter.names.joined(separator: ", ")
        return .unresolved("\(names) is only known when the tool calls this function", at: origin)
    }

    func construct(
        _ callee: JavaScriptExpression,
        _ elements: [JavaScriptExpression.Element],
        at origin: SourceLocation,
        in scope: JavaScriptScope,
        of module: JavaScriptModule,
    ) -> ConfigurationValue {
        guard case .name("URL") = callee.kind, let first = elements.first else {
            return .unresolved("an object is constructed here", at: origin)
        }
        let path = evaluate(first.expression, in: scope, of: module)
        guard let text = path.string, !text.contains(":") else {
            return .unresolved("a URL is constructed here", at: origin)
        }
        let resolved = ProjectPath.resolve(text, from: module.directory) ?? module.directory
        return ConfigurationValue(.string(absolute(resolved)), at: origin)
    }
}
