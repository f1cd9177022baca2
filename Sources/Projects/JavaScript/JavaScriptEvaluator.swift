import HostSystem
import PortlessCore

/// Works out the constants of JavaScript files by reading them.
///
/// Nothing is executed: what depends on the run, on a package or on a function that does more than
/// return an expression comes out as unresolved, with the place and the reason.
final class JavaScriptEvaluator {
    /// Gives a project file's bytes; nil where there is no such file.
    typealias Read = (String) throws -> [UInt8]?

    /// The project's directory, which `__dirname` at its top means.
    let root: String
    let home: String?
    let budget: ReadingBudget
    private let readFile: Read
    /// What `.env` files define, once a configuration loads dotenv.
    var dotenv: [String: ConfigurationValue] = [:]
    private var modules: [String: JavaScriptModule] = [:]
    private var evaluating: Set<String> = []
    /// The scopes that functions keep.
    private var captured: [JavaScriptScope] = []

    init(
        root: String,
        home: String? = nil,
        budget: ReadingBudget = ReadingBudget(),
        read: @escaping Read,
    ) {
        self.root = root
        self.home = home
        self.budget = budget
        readFile = read
    }

    /// A function and the scope that has its name keep each other, and functions that keep one
    /// another's scopes may form a chain as long as the file.
    deinit {
        for scope in captured { scope.removeAll() }
    }

    /// A project file's bytes; nil where there is no such file.
    func read(_ file: String) throws -> [UInt8]? {
        guard !budget.isSpent else { throw OverBudget.tooMuchWork }
        let bytes = try readFile(file)
        budget.spend(bytes: bytes?.count ?? 0)
        return bytes
    }

    /// A function as a value, with the names that it sees.
    func closure(
        _ function: JavaScriptFunction,
        at origin: SourceLocation,
        in scope: JavaScriptScope,
        of module: JavaScriptModule,
    ) -> ConfigurationValue {
        if !scope.isCaptured {
            scope.isCaptured = true
            captured.append(scope)
        }
        let closure = JavaScriptClosure(function: function, scope: scope, module: module)
        return ConfigurationValue(.function(closure), at: origin)
    }

    /// Reads a file that must exist; its exports are the module's `exports`.
    func module(_ file: String) throws(SourceError) -> JavaScriptModule {
        if let module = modules[file] { return module }
        guard let source = try source(file) else {
            throw SourceError(file: file, line: 1, reason: "there is no such file")
        }
        guard evaluating.insert(file).inserted else {
            throw SourceError(
                file: file,
                line: 1,
                reason: "the files require one another in a circle",
            )
        }
        defer { evaluating.remove(file) }
        let module = file.hasSuffix(".json") ? try json(source) : try script(source)
        modules[file] = module
        return module
    }

    /// A file's text; nil where there is no such file.
    func source(_ file: String) throws(SourceError) -> SourceText? {
        // What a file requires is on its account.
        if evaluating.isEmpty { budget.startFile() }
        do {
            return try read(file).map { SourceText(file: file, bytes: $0) }
        } catch {
            throw SourceError(unreadable: file, because: error)
        }
    }

    private func script(_ source: SourceText) throws(SourceError) -> JavaScriptModule {
        var parser = try JavaScriptParser(source, budget: budget)
        let statements = parser.program()
        let module = JavaScriptModule(source: source, comments: parser.comments)
        run(statements, in: module.scope, of: module)
        if budget.isFileSpent {
            // Statements may have had no effect, so whatever the module has come to is in doubt.
            module.report(Unresolved(source.overBudget(at: 0)))
        }
        return module
    }

    private func json(_ source: SourceText) throws(SourceError) -> JavaScriptModule {
        var parser = try JavaScriptParser(source, budget: budget)
        let expression = try parser.singleExpression()
        let module = JavaScriptModule(source: source, comments: parser.comments)
        let value = evaluate(expression, in: module.scope, of: module)
        module.exports = value
        return module
    }

    // MARK: Expressions

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

    /// The value, unless what it has grown to, mostly out of copies of itself, is too large.
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
        case .regularExpression: return .unresolved("this is a regular expression", at: origin)
        case .opaque(let what):
            return .unresolved("\(what) is only known when it runs", at: origin)
        case .name(let name): return value(of: name, at: origin, in: scope, of: module)
        case .template(let parts): return template(parts, at: origin, in: scope, of: module)
        case .array(let elements):
            return array(elements, at: origin, in: scope, of: module)
        case .object(let members):
            return object(members, at: origin, in: scope, of: module)
        case .member(let target, let name):
            let target = evaluate(target, in: scope, of: module)
            return property(name, of: target, at: origin, in: module)
        case .element(let target, let key):
            let target = evaluate(target, in: scope, of: module)
            let key = evaluate(key, in: scope, of: module)
            if let problem = key.problem {
                return ConfigurationValue(.unresolved(problem), at: origin)
            }
            return property(keyText(key) ?? "", of: target, at: origin, in: module)
        case .call(let callee, let arguments):
            return call(callee, arguments, at: origin, in: scope, of: module)
        case .construction(let callee, let arguments):
            return construct(callee, arguments, at: origin, in: scope, of: module)
        case .unary(let symbol, let operand):
            return unary(symbol, evaluate(operand, in: scope, of: module), at: origin)
        case .binary: return chain(expression, in: scope, of: module)
        case .conditional(let condition, let positive, let negative):
            return conditional(condition, positive, negative, at: origin, in: scope, of: module)
        case .assignment(let symbol, let target, let value):
            return assign(symbol, target, value, at: origin, in: scope, of: module)
        case .sequence(let expressions):
            var last = ConfigurationValue(.undefined, at: origin)
            for expression in expressions { last = evaluate(expression, in: scope, of: module) }
            return last
        case .function(let function):
            return closure(function, at: origin, in: scope, of: module)
        }
    }

    /// `a + b + c`, from the left, and without recursion: chains are longer than stacks are deep.
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
                let right = evaluate(link.right, in: scope, of: module)
                value = admitted(binary(link.symbol, value, right, at: origin), at: origin)
            }
        }
        return value
    }

    /// The name of a property that `key` is the value of; nil where it can't be told.
    func keyText(_ key: ConfigurationValue) -> String? {
        budget.spend(key.weight) ? key.text : nil
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
        // The rest of a command line may still tell where it listens.
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
        return ConfigurationValue(.array(values), at: origin)
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
        return ConfigurationValue(.object(object), at: origin)
    }

    private func spread(_ value: ConfigurationValue, into object: inout ConfigurationObject) {
        budget.spend(value.memberCount)
        guard !budget.isFileSpent else {
            object.gaps.append(Unresolved(value.origin, OverBudget.work))
            return
        }
        switch value.kind {
        case .object(let other): object.merge(other)
        case .builtin("process.env"), .undefined, .null, .boolean, .number: break
        case .array(let elements):
            for (index, element) in elements.enumerated() { object[String(index)] = element }
        default:
            if let problem = value.problem { object.gaps.append(problem) }
        }
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
        _ positive: JavaScriptExpression,
        _ negative: JavaScriptExpression,
        at origin: SourceLocation,
        in scope: JavaScriptScope,
        of module: JavaScriptModule,
    ) -> ConfigurationValue {
        let condition = evaluate(condition, in: scope, of: module)
        if let truth = condition.truth {
            return evaluate(truth ? positive : negative, in: scope, of: module)
        }
        let first = evaluate(positive, in: scope, of: module)
        var second = evaluate(negative, in: scope, of: module)
        // `process.env.PORT ? Number(process.env.PORT) : 4420` is `||` written out.
        if case .environment(let name) = condition.kind, case .environment(name) = first.kind {
            second.overriddenBy = name
            return second
        }
        if budget.spend(first.weight.saturatingAdd(second.weight)), let left = first.text,
            left == second.text
        {
            return first
        }
        let reason = condition.problem?.reason ?? "its condition is unknown"
        return .unresolved("which of the two values holds depends: \(reason)", at: origin)
    }
}

extension Range<Int> {
    fileprivate func contains(_ other: Range<Int>) -> Bool {
        lowerBound <= other.lowerBound && other.upperBound <= upperBound
    }
}
