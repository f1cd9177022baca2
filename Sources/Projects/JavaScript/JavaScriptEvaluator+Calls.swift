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
        let (function, target) = self.callee(callee, in: scope, of: module)
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
        // Methods look at all of a text and copy all of a list.
        let cost = arguments.reduce(target?.value.extent ?? 1) { $0.saturatingAdd($1.extent) }
        guard budget.spend(cost) else { return .unresolved(OverBudget.work, at: origin) }
        if let target,
            let result = method(target.name, of: target.value, arguments, at: origin)
        {
            return result
        }
        // A configuration's own helper: `defineConfig(options)` and the like return their options.
        if case .name(let name) = callee.kind, function.problem != nil, name.hasPrefix("define"),
            let first = arguments.first
        {
            return configured(first, at: origin)
        }
        switch function.kind {
        case .function(let closure): return apply(closure, arguments, at: origin)
        case .builtin(let name): return builtin(name, arguments, at: origin, from: module)
        case .undefined where callee.isOptional:
            return ConfigurationValue(.undefined, at: origin)
        default:
            let problem =
                function.problem ?? Unresolved(origin, "what is called here is not a function")
            note(mayThrow: problem.reason)
            return ConfigurationValue(.unresolved(problem), at: origin)
        }
    }

    /// The callee, and for `a.b()` the value of `a`, which is evaluated only once.
    private func callee(
        _ callee: JavaScriptExpression,
        in scope: JavaScriptScope,
        of module: JavaScriptModule,
    ) -> (function: ConfigurationValue, target: (value: ConfigurationValue, name: String)?) {
        let expression = if case .optional(let inner) = callee.kind { inner } else { callee }
        guard case .member(let inner, let name) = expression.kind else {
            return (evaluate(expression, in: scope, of: module), nil)
        }
        let target = evaluate(inner, in: scope, of: module)
        let origin = module.location(expression.range)
        if target.isNullish, inner.isOptional {
            return (ConfigurationValue(.undefined, at: origin), nil)
        }
        return (property(name, of: target, at: origin, in: module), (target, name))
    }

    /// The value of a tool's configuration for its development server, and of one section in it.
    ///
    /// `directory` is where the tool runs, and `mode` what it is told, as Vite's `--mode`.
    func developmentConfiguration(
        _ file: String,
        section: String,
        mode: String,
        directory: String,
    ) throws(SourceError) -> (
        value: ConfigurationValue, section: ConfigurationValue?, problems: [Unresolved]
    ) {
        let variables = dotenv
        tool = ToolState(mode: mode, directory: directory)
        defer {
            tool = nil
            dotenv = variables
        }
        let module = try module(file)
        let exported = module.live.object?["default"] ?? module.live
        var options = configured(exported, at: exported.origin)
        // Several configurations: the one with a server counts.
        if let list = options.array?.map({ configured($0, at: $0.origin) }) {
            options = list.first { $0.object?[section] != nil } ?? list.first ?? options
        }
        let part = options.object?[section].map { configured($0, at: $0.origin).plain }
        return (options.plain, part, module.problems)
    }

    /// `defineConfig(({ mode }) => ({ … }))`: the options are the function's result for a
    /// development server; webpack's function is told the mode in a second argument.
    func configured(_ options: ConfigurationValue, at origin: SourceLocation) -> ConfigurationValue
    {
        var result = options
        for _ in 0..<3 {
            guard case .function(let closure) = result.kind else { break }
            let argument = developmentServer(at: origin)
            result = apply(closure, [argument, argument], at: origin)
        }
        return result
    }

    /// The argument that Vite passes to a configuration's function for its development server.
    private func developmentServer(at origin: SourceLocation) -> ConfigurationValue {
        var object = ConfigurationObject()
        let values: [(String, ConfigurationValue.Kind)] = [
            ("command", .string("serve")), ("mode", .string(tool?.mode ?? "development")),
            ("isSsrBuild", .boolean(false)), ("isPreview", .boolean(false)),
        ]
        for (name, kind) in values { object[name] = ConfigurationValue(kind, at: origin) }
        return made(.object(object), at: origin)
    }

    /// The return value of a function.
    func apply(
        _ closure: JavaScriptClosure,
        _ arguments: [ConfigurationValue],
        at origin: SourceLocation,
    ) -> ConfigurationValue {
        guard budget.spend(), let module = closure.module else {
            return .unresolved(OverBudget.work, at: origin)
        }
        let scope = JavaScriptScope(parent: closure.scope, doubts: doubts.count)
        for (index, parameter) in closure.function.parameters.enumerated() {
            if case .rest(let pattern) = parameter {
                let rest = made(.array(Array(arguments.dropFirst(index))), at: origin)
                bind(pattern, to: rest, in: scope, of: module)
            } else {
                let argument =
                    index < arguments.count
                    ? arguments[index] : ConfigurationValue(.undefined, at: origin)
                bind(parameter, to: argument, in: scope, of: module)
            }
        }
        switch closure.function.body {
        case .expression(let expression):
            return evaluate(expression, in: scope, of: module)
        case .unreadable(let error):
            return ConfigurationValue(.unresolved(Unresolved(error)), at: origin)
        case .statements(let statements):
            return result(of: statements, at: origin, in: scope, of: module)
        }
    }

    private func result(
        of statements: [JavaScriptStatement],
        at origin: SourceLocation,
        in scope: JavaScriptScope,
        of module: JavaScriptModule,
    ) -> ConfigurationValue {
        let (outer, depth, couldThrow) = (pending, doubts.count, mayThrow != nil)
        pending = []
        let completion = run(statements, in: scope, of: module)
        let returned = pending
        pending = outer
        let doubt = doubts.count > depth ? doubts[depth] : nil
        endDoubts(to: depth)
        if let mayThrow, !couldThrow, attempts > 0 {
            doubts.append(JavaScriptDoubt(reason: mayThrow))
        }
        let last = completion.returned ?? ConfigurationValue(.undefined, at: origin)
        if completion.isThrown, let doubt { note(mayThrow: doubt.reason) }
        guard let doubt else { return last }
        let others = completion.isThrown ? returned.dropFirst() : returned[...]
        return others.reduce(completion.isThrown ? returned.first ?? last : last) {
            joined($1, $0, because: doubt, at: $1.origin)
        }
    }

    func construct(
        _ callee: JavaScriptExpression,
        _ elements: [JavaScriptExpression.Element],
        at origin: SourceLocation,
        in scope: JavaScriptScope,
        of module: JavaScriptModule,
    ) -> ConfigurationValue {
        if case .name("Array") = callee.kind {
            return call(callee, elements, at: origin, in: scope, of: module)
        }
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
