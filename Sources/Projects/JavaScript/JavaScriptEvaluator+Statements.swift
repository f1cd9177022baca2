import PortlessCore

extension JavaScriptEvaluator {
    /// Executes statements in order, until one of them skips the rest.
    func run(
        _ statements: [JavaScriptStatement],
        in scope: JavaScriptScope,
        of module: JavaScriptModule,
    ) -> JavaScriptCompletion {
        for statement in statements {
            guard case .function(let function, _) = statement.kind, let name = function.name else {
                continue
            }
            let origin = module.location(statement.range)
            scope.declare(name, closure(function, at: origin, in: scope, of: module))
        }
        for statement in statements {
            guard budget.spend() else { return .normal }
            guard budget.enter() else {
                module.report(Unresolved(module.location(statement.range), OverBudget.depth))
                return .normal
            }
            let completion = run(statement, in: scope, of: module)
            budget.leave()
            if hasThrown, attempts > 0 { return .thrown }
            if !completion.isNormal { return completion }
        }
        return .normal
    }

    /// Executes statements in a scope of their own.
    func runBlock(
        _ statements: [JavaScriptStatement],
        in scope: JavaScriptScope,
        of module: JavaScriptModule,
    ) -> JavaScriptCompletion {
        run(statements, in: inner(scope), of: module)
    }

    func inner(_ scope: JavaScriptScope) -> JavaScriptScope {
        JavaScriptScope(parent: scope, doubts: doubts.count)
    }

    private func run(
        _ statement: JavaScriptStatement,
        in scope: JavaScriptScope,
        of module: JavaScriptModule,
    ) -> JavaScriptCompletion {
        let origin = module.location(statement.range)
        switch statement.kind {
        case .empty: break
        case .declaration(let bindings, let isExported):
            declare(bindings, isExported: isExported, in: scope, of: module)
        case .expression(let expression):
            let value = evaluate(expression, in: scope, of: module)
            guard let problem = value.problem, case .call(_, let arguments) = expression.kind else {
                break
            }
            // An unreadable call may change the lists that are passed to it.
            for case .name(let name) in arguments.map(\.expression.kind) {
                guard case .reference(let list) = scope.value(of: name)?.kind else { continue }
                append([.unresolved(problem.reason, at: origin)], to: list, at: origin)
            }
        case .function(let function, let isExported):
            guard isExported, let name = function.name else { break }
            export(name, as: name, in: scope, of: module)
        case .return(let expression):
            guard let expression else {
                return .returned(ConfigurationValue(.undefined, at: origin))
            }
            return .returned(evaluate(expression, in: scope, of: module))
        case .conditional(let condition, let positive, let negative):
            let condition = evaluate(condition, in: scope, of: module)
            if let truth = settled(condition).truth {
                return run(truth ? positive : negative, in: scope, of: module)
            }
            let branches = [positive, negative].map { branch in
                { self.runBlock(branch, in: scope, of: module) }
            }
            return undecided(branches, because: doubt(about: condition))
        case .block(let statements): return runBlock(statements, in: scope, of: module)
        case .loop(let loop): return run(loop, at: origin, in: scope, of: module)
        case .switch(let value, let cases):
            return choose(evaluate(value, in: scope, of: module), cases, in: scope, of: module)
        case .try(let body, let handler, let last):
            return attempt(
                body,
                handler: handler,
                finally: last,
                at: origin,
                in: scope,
                of: module,
            )
        case .throw:
            // A file that throws while loading declares no ports, so it is read as if it didn't.
            guard attempts > 0 else { return doubts.isEmpty ? .normal : .thrown }
            if doubts.count <= attemptDepth { hasThrown = true }
            return .thrown
        case .break: return .broken
        case .continue: return .continued
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
            for name in assigned.sorted() where scope.value(of: name) != nil {
                let reason = "\"\(name)\" is not known here: it is set within a \"\(what)\""
                assign(name, .unresolved(reason, at: origin), at: origin, in: scope)
            }
        case .unreadable(let error): module.report(Unresolved(malformed: error))
        }
        return .normal
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
}
