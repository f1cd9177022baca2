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
            return settled(first).truth.map { ConfigurationValue(.boolean($0), at: origin) }
                ?? first
        case "url.fileURLToPath", "Promise.resolve": return first
        case "vite.defineConfig": return configured(first, at: origin)
        case "vite.mergeConfig", "webpack-merge.merge", "webpack-merge":
            return mergedDeeply(arguments, at: origin)
        case "vite.loadEnv":
            return loadedEnvironment(arguments, at: origin, for: module)
        case "path.join", "path.resolve":
            return joinedPath(arguments, isResolving: name == "path.resolve", at: origin)
        case "path.dirname":
            return converted(first) { $0.string.map { .string(ProjectPath.parent(of: $0)) } }
        case "path.basename":
            return converted(first) { $0.string.map { .string(ProjectPath.name(of: $0)) } }
        case "fs.existsSync", "fs.readFileSync": return file(first, by: name, at: origin)
        case "JSON.parse", "dotenv.parse": return parsed(first, by: name, at: origin)
        case "process.cwd": return ConfigurationValue(.string(workingDirectory), at: origin)
        case "os.homedir":
            guard let home else { break }
            return ConfigurationValue(.string(home), at: origin)
        case "dotenv.config":
            let path = first.object?["path"]?.string ?? ".env"
            let relative =
                path.hasPrefix(root + "/") ? String(path.dropFirst(root.count + 1)) : path
            var result = ConfigurationObject()
            if let file = ProjectPath.resolve(relative, from: "") {
                loadDotenv(file, for: module)
                result["parsed"] = (try? source(file)).flatMap { $0 }.map {
                    variables(of: $0, at: origin)
                }
            }
            return made(.object(result), at: origin)
        case _ where name.hasPrefix("console.") || name == "process.on":
            return ConfigurationValue(.undefined, at: origin)
        case _ where name.hasPrefix("Math.") || name.hasPrefix("Number.") || name == "isNaN":
            return calculated(name, arguments, at: origin)
        case _ where name.hasPrefix("Object.") || name.hasPrefix("Array"),
            "structuredClone":
            if let result = collection(name, arguments, at: origin) { return result }
        default: break
        }
        let reason = "the result of \"\(name)\" is only known when it runs"
        note(mayThrow: reason)
        return .unresolved(reason, at: origin)
    }

    private func calculated(
        _ name: String,
        _ arguments: [ConfigurationValue],
        at origin: SourceLocation,
    ) -> ConfigurationValue {
        if let problem = arguments.lazy.compactMap(\.problem).first {
            return ConfigurationValue(.unresolved(problem), at: origin)
        }
        let numbers = arguments.compactMap(\.number)
        let reason = "the result of \"\(name)\" is only known when it runs"
        guard let first = numbers.first, numbers.count == arguments.count else {
            return .unresolved(reason, at: origin)
        }
        let isNumber = if case .number = arguments[0].kind { true } else { false }
        let kind: ConfigurationValue.Kind? =
            switch name {
            case "Math.max": .number(numbers.max() ?? first)
            case "Math.min": .number(numbers.min() ?? first)
            case "Math.floor": .number(first.rounded(.down))
            case "Math.ceil": .number(first.rounded(.up))
            case "Math.round": .number((first + 0.5).rounded(.down))
            case "Math.trunc": .number(first.rounded(.towardZero))
            case "Math.abs": .number(abs(first))
            case "isNaN": .boolean(first.isNaN)
            case "Number.isNaN": .boolean(isNumber && first.isNaN)
            case "Number.isFinite": .boolean(isNumber && first.isFinite)
            case "Number.isInteger": .boolean(isNumber && first == first.rounded())
            case "Number.parseFloat": .number(first)
            default: nil
            }
        guard let kind else { return .unresolved(reason, at: origin) }
        var value = arguments[0]
        value.kind = kind
        return value
    }

    /// Functions on a file of the project, with its present contents.
    private func file(
        _ path: ConfigurationValue,
        by name: String,
        at origin: SourceLocation,
    ) -> ConfigurationValue {
        let isQuestion = name == "fs.existsSync"
        if let problem = path.problem {
            note(mayThrow: problem.reason)
            return ConfigurationValue(.unresolved(problem), at: origin)
        }
        guard var path = path.string else {
            return .unresolved("which file this is isn't known", at: origin)
        }
        if path.hasPrefix(root + "/") { path = String(path.dropFirst(root.count + 1)) }
        guard !path.hasPrefix("/"), let file = ProjectPath.resolve(path, from: "") else {
            let reason = "\"\(path)\" lies outside the project"
            if !isQuestion { note(mayThrow: reason) }
            return .unresolved(reason, at: origin)
        }
        do {
            let text = try source(file)
            if isQuestion {
                // This function can't distinguish a folder from a missing file.
                let name = ProjectPath.name(of: file)
                guard text != nil || name.hasPrefix(".env") || name.dropFirst().contains(".") else {
                    return .unresolved("whether there is \"\(path)\" isn't known", at: origin)
                }
                return ConfigurationValue(.boolean(text != nil), at: origin)
            }
            guard let text else {
                if attempts > 0, doubts.count <= attemptDepth { hasThrown = true }
                return .unresolved("there is no file \"\(path)\"", at: origin)
            }
            let place = SourceLocation(file: file, line: 1)
            return ConfigurationValue(.string(text.string(0..<text.bytes.count)), at: place)
        } catch {
            note(mayThrow: error.reason)
            return ConfigurationValue(.unresolved(Unresolved(error)), at: origin)
        }
    }

    /// The value of a file's whole text: `JSON.parse` gives the same as `require`.
    private func parsed(
        _ text: ConfigurationValue,
        by name: String,
        at origin: SourceLocation,
    ) -> ConfigurationValue {
        if let written = text.string, text.origin.range == nil,
            let source = try? source(text.origin.file),
            source.string(0..<source.bytes.count) == written
        {
            if name == "dotenv.parse" { return variables(of: source, at: origin) }
            let isJSON = source.file.hasSuffix(".json")
            if isJSON, let module = try? module(source.file) { return module.live }
        }
        let problem = text.problem ?? Unresolved(origin, "\"\(name)\" is not followed here")
        note(mayThrow: problem.reason)
        return ConfigurationValue(.unresolved(problem), at: origin)
    }

    private func variables(
        of source: SourceText,
        at origin: SourceLocation,
    ) -> ConfigurationValue {
        var object = ConfigurationObject()
        for entry in DotenvFile.entries(of: source) {
            var value = ConfigurationValue(.string(entry.value), at: entry.location)
            value.comment = entry.comment
            object[entry.name] = value
        }
        return made(.object(object), at: origin)
    }

    /// Where the tool runs that reads the file; the project's directory for others.
    private var workingDirectory: String { absolute(tool?.directory ?? "") }

    /// Vite's `loadEnv(mode, directory, prefixes)`.
    private func loadedEnvironment(
        _ arguments: [ConfigurationValue],
        at origin: SourceLocation,
        for module: JavaScriptModule,
    ) -> ConfigurationValue {
        let place = arguments.dropFirst().first ?? ConfigurationValue(.undefined, at: origin)
        if let problem = place.problem ?? arguments.first?.problem {
            return ConfigurationValue(.unresolved(problem), at: origin)
        }
        let own = tool?.directory ?? module.directory
        let text = place.string ?? ""
        let isAbsolute = text.hasPrefix("/")
        guard !isAbsolute || text == root || text.hasPrefix(root + "/"),
            let directory = ProjectPath.resolve(
                isAbsolute ? String(text.dropFirst(root.count)) : text,
                from: isAbsolute ? "" : own,
            )
        else { return .unresolved("\"\(text)\" lies outside the project", at: origin) }
        let mode = arguments.first?.string ?? "development"
        for name in [".env.\(mode).local", ".env.\(mode)", ".env.local", ".env"] {
            loadDotenv(ProjectPath.join(directory, name), for: module)
        }
        return ConfigurationValue(.builtin("process.env"), at: origin)
    }

    /// The first definition in `.env` counts, as with dotenv itself.
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

    /// ECMA-262 section 19.2.5 for base ten: the leading digits.
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

    /// Vite's `mergeConfig`: objects are merged into one another, everything else is replaced.
    private func mergedDeeply(
        _ arguments: [ConfigurationValue],
        at origin: SourceLocation,
    ) -> ConfigurationValue {
        var object = ConfigurationObject()
        for argument in arguments {
            let argument = configured(argument, at: origin)
            if let problem = argument.problem { Self.hide(&object, because: problem) }
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
        return made(.object(object), at: origin)
    }

    /// An unknown value may override all properties so far.
    private static func hide(
        _ object: inout ConfigurationObject,
        because problem: Unresolved,
    ) {
        for property in object.properties {
            object[property.name] = ConfigurationValue(
                .unresolved(problem),
                at: property.value.origin,
            )
        }
        object.gaps.append(problem)
    }

    private func joinedPath(
        _ arguments: [ConfigurationValue],
        isResolving: Bool,
        at origin: SourceLocation,
    ) -> ConfigurationValue {
        var path = isResolving ? workingDirectory : ""
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
