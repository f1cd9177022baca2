import PortlessCore

extension JavaScriptEvaluator {
    /// Takes statements in order; gives what they return, if they do.
    @discardableResult
    func run(
        _ statements: [JavaScriptStatement],
        in scope: JavaScriptScope,
        of module: JavaScriptModule,
    ) -> ConfigurationValue? {
        for statement in statements {
            guard case .function(let function, _) = statement.kind, let name = function.name else {
                continue
            }
            let origin = module.location(statement.range)
            scope.declare(name, closure(function, at: origin, in: scope, of: module))
        }
        for statement in statements {
            if let value = run(statement, in: scope, of: module) { return value }
        }
        return nil
    }

    private func run(
        _ statement: JavaScriptStatement,
        in scope: JavaScriptScope,
        of module: JavaScriptModule,
    ) -> ConfigurationValue? {
        let origin = module.location(statement.range)
        switch statement.kind {
        case .empty: break
        case .declaration(let bindings, let isExported):
            declare(bindings, isExported: isExported, in: scope, of: module)
        case .expression(let expression):
            _ = evaluate(expression, in: scope, of: module)
        case .function(let function, let isExported):
            guard isExported, let name = function.name else { break }
            export(name, as: name, in: scope, of: module)
        case .return(let expression):
            guard let expression else { return ConfigurationValue(.undefined, at: origin) }
            return evaluate(expression, in: scope, of: module)
        case .conditional(let condition, let positive, let negative):
            let condition = evaluate(condition, in: scope, of: module)
            guard let truth = condition.truth else {
                let reason = condition.problem?.reason ?? "its condition is unknown"
                return undecided(positive + negative, because: reason, in: scope, of: module)
            }
            return run(truth ? positive : negative, in: scope, of: module)
        case .block(let statements):
            return run(statements, in: JavaScriptScope(parent: scope), of: module)
        case .import(let declaration):
            module.isECMAScriptModule = true
            importNames(declaration, at: origin, in: module)
        case .exportDefault(let expression):
            module.isECMAScriptModule = true
            setExport("default", evaluate(expression, in: scope, of: module), of: module)
        case .exportNames(let names, let from):
            module.isECMAScriptModule = true
            exportNames(names, from: from, at: origin, in: scope, of: module)
        case .opaque(let what, let assigned):
            forget(
                assigned,
                because: "it is set within a \"\(what)\"",
                at: origin,
                in: scope,
                of: module,
            )
        case .unreadable(let error): module.report(Unresolved(malformed: error))
        }
        return nil
    }

    private func declare(
        _ bindings: [JavaScriptStatement.Binding],
        isExported: Bool,
        in scope: JavaScriptScope,
        of module: JavaScriptModule,
    ) {
        for binding in bindings {
            let origin = module.location(binding.range)
            var value =
                binding.value.map { evaluate($0, in: scope, of: module) }
                ?? ConfigurationValue(.undefined, at: origin)
            if case .name(let name) = binding.pattern {
                describe(&value, as: name, from: binding.range, in: module)
            }
            bind(binding.pattern, to: value, in: scope, of: module)
            guard isExported else { continue }
            for name in binding.pattern.names { export(name, as: name, in: scope, of: module) }
        }
    }

    /// Neither branch can be chosen, so whatever either one sets is unknown from here on.
    private func undecided(
        _ statements: [JavaScriptStatement],
        because reason: String,
        in scope: JavaScriptScope,
        of module: JavaScriptModule,
    ) -> ConfigurationValue? {
        var mayReturn: ConfigurationValue?
        for statement in statements {
            let origin = module.location(statement.range)
            switch statement.kind {
            case .expression(let expression):
                for name in Self.assignedNames(expression) {
                    forget([name], because: reason, at: origin, in: scope, of: module)
                }
            case .block(let inner):
                mayReturn = undecided(inner, because: reason, in: scope, of: module) ?? mayReturn
            case .conditional(_, let positive, let negative):
                mayReturn =
                    undecided(positive + negative, because: reason, in: scope, of: module)
                    ?? mayReturn
            case .opaque(_, let assigned):
                forget(assigned, because: reason, at: origin, in: scope, of: module)
            case .return:
                mayReturn = .unresolved("what is returned depends: \(reason)", at: origin)
            case .unreadable(let error): module.report(Unresolved(malformed: error))
            default: break
            }
        }
        return mayReturn
    }

    private func forget(
        _ names: Set<String>,
        because reason: String,
        at origin: SourceLocation,
        in scope: JavaScriptScope,
        of module: JavaScriptModule,
    ) {
        for name in names.sorted() {
            if name == "module" || name == "exports" {
                let problem = Unresolved(origin, "the exports depend: \(reason)")
                module.report(problem)
                continue
            }
            guard scope.value(of: name) != nil else { continue }
            scope.assign(
                name,
                .unresolved("\"\(name)\" is not known here: \(reason)", at: origin),
            )
        }
    }

    private static func assignedNames(_ expression: JavaScriptExpression) -> [String] {
        switch expression.kind {
        case .assignment(_, let target, let value):
            [rootName(target)].compactMap(\.self) + assignedNames(value)
        case .sequence(let expressions): expressions.flatMap(assignedNames)
        case .binary(_, let left, let right): assignedNames(left) + assignedNames(right)
        case .call(let callee, let arguments):
            // `apps.push(…)` changes `apps`, and `Object.assign(env, …)` its first argument.
            [rootName(callee), arguments.first.flatMap { rootName($0.expression) }]
                .compactMap(\.self)
        default: []
        }
    }

    static func rootName(_ expression: JavaScriptExpression) -> String? {
        switch expression.kind {
        case .name(let name): name
        case .member(let target, _), .element(let target, _): rootName(target)
        default: nil
        }
    }
}
