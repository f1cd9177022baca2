import PortlessCore

extension JavaScriptEvaluator {
    func value(
        of name: String,
        at origin: SourceLocation,
        in scope: JavaScriptScope,
        of module: JavaScriptModule,
    ) -> ConfigurationValue {
        if let value = scope.value(of: name) { return value }
        switch name {
        case "undefined": return ConfigurationValue(.undefined, at: origin)
        case "NaN": return ConfigurationValue(.number(.nan), at: origin)
        case "Infinity": return ConfigurationValue(.number(.infinity), at: origin)
        case "__dirname":
            return ConfigurationValue(.string(absolute(module.directory)), at: origin)
        case "__filename":
            return ConfigurationValue(.string(absolute(module.source.file)), at: origin)
        case "module", "require", "process", "Number", "String", "Boolean", "parseInt",
            "parseFloat", "Object", "Array", "Math", "JSON", "console", "globalThis", "import",
            "isNaN", "structuredClone":
            return ConfigurationValue(.builtin(name), at: origin)
        case "exports": return module.live
        default:
            return .unresolved("\"\(name)\" is not defined in what was read", at: origin)
        }
    }

    func absolute(_ path: String) -> String {
        path.isEmpty ? root : root + "/" + path
    }

    func property(
        _ name: String,
        of target: ConfigurationValue,
        at origin: SourceLocation,
        in module: JavaScriptModule,
    ) -> ConfigurationValue {
        if let object = target.object {
            if let value = object[name] { return value }
            if let gap = object.gaps.first {
                return ConfigurationValue(.unresolved(gap), at: origin)
            }
            return ConfigurationValue(.undefined, at: origin)
        }
        if let elements = target.array {
            if name == "length" { return length(of: elements, at: origin) }
            guard let index = Int(name), elements.indices.contains(index) else {
                return ConfigurationValue(.undefined, at: origin)
            }
            return elements[index]
        }
        switch target.kind {
        case .string(let text) where name == "length":
            budget.spend(bytes: text.utf8.count)
            return ConfigurationValue(.number(Double(text.utf16.count)), at: origin)
        case .builtin(let path):
            return builtinProperty(name, of: path, at: origin, in: module)
        case .undefined, .null:
            return .unresolved("\"\(name)\" is read from what is not defined", at: origin)
        case .number, .string, .boolean, .function:
            return ConfigurationValue(.undefined, at: origin)
        case .environment, .unresolved: return target
        case .object, .array, .reference:
            return target.problem.map { ConfigurationValue(.unresolved($0), at: origin) } ?? target
        }
    }

    /// A list's length, unless some elements may be absent.
    private func length(
        of elements: [ConfigurationValue],
        at origin: SourceLocation,
    ) -> ConfigurationValue {
        budget.spend(elements.count)
        for case .unresolved(let problem) in elements.map(\.kind) {
            return ConfigurationValue(.unresolved(problem), at: origin)
        }
        return ConfigurationValue(.number(Double(elements.count)), at: origin)
    }

    private func builtinProperty(
        _ name: String,
        of path: String,
        at origin: SourceLocation,
        in module: JavaScriptModule,
    ) -> ConfigurationValue {
        switch (path, name) {
        case ("module", "exports"): return module.live
        case ("process.env", _):
            if let value = dotenv[name] { return value }
            if name == "NODE_ENV", tool != nil {
                return ConfigurationValue(.string("development"), at: origin)
            }
            if name == "HOME", let home { return ConfigurationValue(.string(home), at: origin) }
            return ConfigurationValue(.environment("process.env.\(name)"), at: origin)
        case ("import.meta", "dirname"):
            return ConfigurationValue(.string(absolute(module.directory)), at: origin)
        case ("import.meta", "filename"), ("import.meta", "url"):
            return ConfigurationValue(.string(absolute(module.source.file)), at: origin)
        case ("import.meta.env", _):
            return ConfigurationValue(.environment("import.meta.env.\(name)"), at: origin)
        case ("path", "posix"):
            return ConfigurationValue(.builtin(path), at: origin)
        case ("path", "sep"): return ConfigurationValue(.string("/"), at: origin)
        case ("globalThis", _): return ConfigurationValue(.builtin(name), at: origin)
        default: return ConfigurationValue(.builtin("\(path).\(name)"), at: origin)
        }
    }

    /// Binds a declaration's or parameter's names.
    func bind(
        _ pattern: JavaScriptPattern,
        to value: ConfigurationValue,
        in scope: JavaScriptScope,
        of module: JavaScriptModule,
    ) {
        switch pattern {
        case .name(let name):
            scope.declare(name, value)
        case .rest(let inner): bind(inner, to: value, in: scope, of: module)
        case .withDefault(let inner, let fallback):
            var result = value.isUndefined ? evaluate(fallback, in: scope, of: module) : value
            // `const { PORT = 3000 } = process.env` means `??`.
            if case .environment(let name) = value.kind {
                result = evaluate(fallback, in: scope, of: module)
                result.overriddenBy = name
            }
            bind(inner, to: result, in: scope, of: module)
        case .object(let properties, let rest):
            for part in properties {
                let part = (
                    target: part.target,
                    value: property(part.key, of: value, at: value.origin, in: module),
                )
                bind(part.target, to: part.value, in: scope, of: module)
            }
            guard let rest else { return }
            var remaining = value
            if var object = value.object {
                for property in properties where budget.spend(object.properties.count) {
                    object[property.key] = nil
                }
                remaining = made(.object(object), at: value.origin)
            }
            scope.declare(rest, remaining)
        case .array(let elements, let rest):
            for (index, element) in elements.enumerated() {
                guard let element else { continue }
                let part = property(String(index), of: value, at: value.origin, in: module)
                bind(element, to: part, in: scope, of: module)
            }
            guard let rest else { return }
            var remaining = value
            if let array = value.array {
                let rest = Array(array.dropFirst(elements.count))
                remaining = made(.array(rest), at: value.origin)
            }
            scope.declare(rest, remaining)
        }
    }
}
