import PortlessCore

/// Loops, `switch` and `try`.
extension JavaScriptEvaluator {
    func run(
        _ loop: JavaScriptLoop,
        at origin: SourceLocation,
        in scope: JavaScriptScope,
        of module: JavaScriptModule,
    ) -> JavaScriptCompletion {
        let (depth, before) = (doubts.count, pending.count)
        let scope = inner(scope)
        let completion: JavaScriptCompletion
        switch loop.head {
        case .counting(let start, let condition, let step):
            _ = run(start, in: scope, of: module)
            completion = run(loop.body, while: condition, step, in: scope, of: module)
        case .repeating(let condition):
            let first = runBlock(loop.body, in: scope, of: module)
            switch first {
            case .normal, .continued:
                completion = run(loop.body, while: condition, nil, in: scope, of: module)
            default: completion = first
            }
        case .each(let pattern, let elements, let isOverKeys, let declares):
            let list = evaluate(elements, in: scope, of: module)
            let body = { (element: ConfigurationValue) in
                let scope = self.inner(scope)
                if declares {
                    self.bind(pattern, to: element, in: scope, of: module)
                } else if case .name(let name) = pattern {
                    self.assign(name, element, at: element.origin, in: scope)
                }
                return self.run(loop.body, in: scope, of: module)
            }
            completion = run(over: list, isOverKeys: isOverKeys, at: origin, body)
        }
        // A doubt about leaving the loop ends with it, one about a return doesn't.
        let doubt = doubts.count > depth ? doubts[depth] : nil
        endDoubts(to: depth)
        if let doubt, pending.count > before { doubts.append(doubt) }
        switch completion {
        case .broken, .continued: return .normal
        default: return completion
        }
    }

    private func run(
        _ body: [JavaScriptStatement],
        while condition: JavaScriptExpression?,
        _ step: JavaScriptExpression?,
        in scope: JavaScriptScope,
        of module: JavaScriptModule,
    ) -> JavaScriptCompletion {
        while budget.spend() {
            if let condition {
                let value = evaluate(condition, in: scope, of: module)
                guard let goesOn = settled(value).truth else {
                    let turn = {
                        let completion = self.runBlock(body, in: scope, of: module)
                        if let step { _ = self.evaluate(step, in: scope, of: module) }
                        return completion
                    }
                    return undecided([turn, { .normal }], because: doubt(about: value))
                }
                guard goesOn else { break }
            }
            let completion = runBlock(body, in: scope, of: module)
            switch completion {
            case .normal, .continued: break
            default: return completion
            }
            if let step { _ = evaluate(step, in: scope, of: module) }
        }
        return .normal
    }

    private func run(
        over list: ConfigurationValue,
        isOverKeys: Bool,
        at origin: SourceLocation,
        _ body: @escaping (ConfigurationValue) -> JavaScriptCompletion,
    ) -> JavaScriptCompletion {
        guard let elements = elements(of: list, isOverKeys: isOverKeys), list.problem == nil else {
            let unknown =
                list.problem.map { ConfigurationValue(.unresolved($0), at: origin) }
                ?? .unresolved("what this loop goes over is unknown", at: origin)
            return undecided([{ body(unknown) }, { .normal }], because: doubt(about: unknown))
        }
        for element in elements {
            guard budget.spend() else { break }
            let completion =
                element.problem.map { problem in
                    // There may be none, one or several iterations.
                    let doubt = JavaScriptDoubt(reason: problem.reason)
                    return undecided([{ body(element) }, { .normal }], because: doubt)
                } ?? body(element)
            switch completion {
            case .normal, .continued: continue
            default: return completion
            }
        }
        return .normal
    }

    private func elements(
        of list: ConfigurationValue,
        isOverKeys: Bool,
    ) -> [ConfigurationValue]? {
        guard budget.spend(list.extent) else { return nil }
        if isOverKeys {
            if let array = list.array {
                return array.indices.map { index in
                    ConfigurationValue(.string(String(index)), at: array[index].origin)
                }
            }
            return list.object.map { object in
                let gaps = object.gaps.map { ConfigurationValue(.unresolved($0), at: list.origin) }
                return object.properties.map { property in
                    ConfigurationValue(.string(property.name), at: property.value.origin)
                } + gaps
            }
        }
        if let text = list.string {
            return text.map { ConfigurationValue(.string(String($0)), at: list.origin) }
        }
        return list.array
    }

    func choose(
        _ value: ConfigurationValue,
        _ cases: [JavaScriptStatement.Case],
        in scope: JavaScriptScope,
        of module: JavaScriptModule,
    ) -> JavaScriptCompletion {
        let scope = inner(scope)
        let start = cases.firstIndex { $0.test == nil }
        let from = { (index: Int) -> JavaScriptCompletion in
            for part in cases[index...] {
                let completion = self.run(part.body, in: scope, of: module)
                if case .broken = completion { return .normal }
                if !completion.isNormal { return completion }
            }
            return .normal
        }
        for (index, part) in cases.enumerated() {
            guard let test = part.test else { continue }
            let other = evaluate(test, in: scope, of: module)
            let verdict = binary("===", left: value, right: other, at: other.origin)
            switch verdict.truth {
            case true?: return from(index)
            case false?: continue
            case nil:
                // This case, a later one, or none.
                var branches = cases.indices.dropFirst(index).map { index in { from(index) } }
                if let start, start < index { branches.append { from(start) } }
                if start == nil { branches.append { .normal } }
                return undecided(branches, because: doubt(about: verdict))
            }
        }
        return start.map(from) ?? .normal
    }

    func attempt(
        _ body: [JavaScriptStatement],
        handler: JavaScriptStatement.Handler?,
        finally last: [JavaScriptStatement],
        at origin: SourceLocation,
        in scope: JavaScriptScope,
        of module: JavaScriptModule,
    ) -> JavaScriptCompletion {
        let outer = (mayThrow, hasThrown, attemptDepth)
        let (depth, before) = (doubts.count, pending.count)
        (mayThrow, hasThrown, attemptDepth) = (nil, false, depth)
        attempts += 1
        var completion = runBlock(body, in: scope, of: module)
        attempts -= 1
        let reason = mayThrow
        let throwsSurely = hasThrown || completion.isThrown
        (mayThrow, hasThrown, attemptDepth) = outer
        endDoubts(to: depth)
        let handle = {
            guard let handler else { return JavaScriptCompletion.normal }
            let scope = self.inner(scope)
            if let parameter = handler.parameter {
                let reason = "what is thrown is only known when it runs"
                self.bind(parameter, to: .unresolved(reason, at: origin), in: scope, of: module)
            }
            return self.run(handler.body, in: scope, of: module)
        }
        if throwsSurely {
            completion = handle()
        } else if let reason {
            let doubt = JavaScriptDoubt(reason: "whether this fails is unknown: \(reason)")
            let other = doubting(doubt, handle)
            completion = settle([completion, other], because: doubt)
            if completion.isNormal, pending.count > before { doubts.append(doubt) }
        }
        let end = runBlock(last, in: scope, of: module)
        return end.isNormal ? completion : end
    }

    /// The last operation may have failed, and then the rest of the `try` block is skipped.
    func note(mayThrow reason: String) {
        guard attempts > 0, mayThrow == nil else { return }
        mayThrow = reason
        doubts.append(JavaScriptDoubt(reason: reason))
    }
}
