import PortlessCore

extension JavaScriptEvaluator {
    /// A call of the runtime's own functions, where its result needs no runtime.
    func builtin(
        _ name: String,
        _ arguments: [ConfigurationValue],
        at origin: SourceLocation,
        from module: JavaScriptModule,
    ) -> ConfigurationValue {
        let first = arguments.first ?? ConfigurationValue(.undefined, at: origin)
        switch name {
        case "require":
            guard let specifier = first.string else {
                return .unresolved("what is required here is unknown", at: origin)
            }
            return required(specifier, at: origin, from: module)
        case "Number", "parseFloat": return converted(first) { $0.number.map { .number($0) } }
        case "parseInt", "Number.parseInt":
            return parsedInteger(first, radix: arguments.dropFirst().first)
        case "String": return converted(first) { $0.text.map { .string($0) } }
        case "Boolean":
            return first.truth.map { ConfigurationValue(.boolean($0), at: origin) } ?? first
        case "Object.freeze", "Object.seal", "url.fileURLToPath": return first
        case "Object.assign": return merged(arguments, at: origin)
        case "vite.defineConfig": return defined(first, at: origin)
        case "vite.mergeConfig": return mergedDeeply(arguments, at: origin)
        case "vite.loadEnv":
            for name in [".env.local", ".env.development", ".env"] {
                loadDotenv(ProjectPath.join(module.directory, name), for: module)
            }
            return ConfigurationValue(.builtin("process.env"), at: origin)
        case "Object.values", "Object.keys", "Object.entries":
            return listed(first, by: name, at: origin)
        case "path.join", "path.resolve":
            return joinedPath(arguments, isResolving: name == "path.resolve", at: origin)
        case "path.dirname":
            return converted(first) { $0.string.map { .string(ProjectPath.parent(of: $0)) } }
        case "path.basename":
            return converted(first) { $0.string.map { .string(ProjectPath.name(of: $0)) } }
        case "process.cwd": return ConfigurationValue(.string(root), at: origin)
        case "os.homedir":
            guard let home else { break }
            return ConfigurationValue(.string(home), at: origin)
        case "dotenv.config":
            let path = first.object?["path"]?.string ?? ".env"
            let relative =
                path.hasPrefix(root + "/") ? String(path.dropFirst(root.count + 1)) : path
            if let file = ProjectPath.resolve(relative, from: "") {
                loadDotenv(file, for: module)
            }
            return ConfigurationValue(.builtin("dotenv"), at: origin)
        default: break
        }
        return .unresolved("the result of \"\(name)\" is only known when it runs", at: origin)
    }

    /// Only what `.env` defines first counts, as with dotenv itself.
    func loadDotenv(_ file: String, for module: JavaScriptModule) {
        let source: SourceText
        do {
            guard let text = try self.source(file) else { return }
            source = text
        } catch {
            return module.report(Unresolved(error))
        }
        for entry in DotenvFile.entries(of: source) where dotenv[entry.name] == nil {
            var value = ConfigurationValue(.string(entry.value), at: entry.location)
            value.comment = entry.comment
            dotenv[entry.name] = value
        }
    }

    /// ECMA-262 section 19.2.5 for base ten: the digits in front, whatever follows.
    private func parsedInteger(
        _ value: ConfigurationValue,
        radix: ConfigurationValue?,
    ) -> ConfigurationValue {
        if let radix = radix?.number, radix != 10, radix != 0 {
            return .unresolved("a base other than ten is not followed", at: value.origin)
        }
        return converted(value) { value in
            guard let text = value.text?.trimmingBlanks else { return nil }
            let digits = text.prefix { $0.isASCII && $0.isNumber }
            return .number(Double(digits) ?? .nan)
        }
    }

    private func merged(
        _ arguments: [ConfigurationValue],
        at origin: SourceLocation,
    ) -> ConfigurationValue {
        var object = ConfigurationObject()
        for argument in arguments {
            if let other = argument.object {
                object.merge(other)
            } else if case .builtin("process.env") = argument.kind {
                continue
            } else if let problem = argument.problem {
                object.gaps.append(problem)
            }
        }
        return ConfigurationValue(.object(object), at: origin)
    }

    /// Vite's `mergeConfig`: objects are merged into one another, everything else is replaced.
    private func mergedDeeply(
        _ arguments: [ConfigurationValue],
        at origin: SourceLocation,
    ) -> ConfigurationValue {
        var object = ConfigurationObject()
        for argument in arguments {
            if let problem = argument.problem { object.gaps.append(problem) }
            object.gaps += argument.object?.gaps ?? []
            for property in argument.object?.properties ?? [] {
                if let old = object[property.name], old.object != nil, property.value.object != nil
                {
                    object[property.name] = mergedDeeply([old, property.value], at: origin)
                } else {
                    object[property.name] = property.value
                }
            }
        }
        return ConfigurationValue(.object(object), at: origin)
    }

    private func listed(
        _ value: ConfigurationValue,
        by name: String,
        at origin: SourceLocation,
    ) -> ConfigurationValue {
        guard let object = value.object, object.gaps.isEmpty else {
            let problem = value.problem ?? value.object?.gaps.first
            return ConfigurationValue(
                .unresolved(problem ?? Unresolved(origin, "this is not an object")),
                at: origin,
            )
        }
        let elements = object.properties.map { property in
            let key = ConfigurationValue(.string(property.name), at: property.value.origin)
            return switch name {
            case "Object.keys": key
            case "Object.values": property.value
            default: ConfigurationValue(.array([key, property.value]), at: property.value.origin)
            }
        }
        return ConfigurationValue(.array(elements), at: origin)
    }

    private func joinedPath(
        _ arguments: [ConfigurationValue],
        isResolving: Bool,
        at origin: SourceLocation,
    ) -> ConfigurationValue {
        var path = isResolving ? root : ""
        for argument in arguments {
            if let problem = argument.problem {
                return ConfigurationValue(.unresolved(problem), at: origin)
            }
            guard let part = argument.string else {
                return .unresolved("a path is made of something else than texts", at: origin)
            }
            if isResolving, part.hasPrefix("/") {
                path = part
            } else {
                path = path.isEmpty ? part : path + "/" + part
            }
        }
        return ConfigurationValue(.string(ProjectPath.normalized(path)), at: origin)
    }
}
