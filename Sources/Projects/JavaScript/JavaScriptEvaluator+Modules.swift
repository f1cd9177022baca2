import PortlessCore

extension JavaScriptEvaluator {
    /// The result of `require` or `import` for `specifier`.
    func required(
        _ specifier: String,
        at origin: SourceLocation,
        from module: JavaScriptModule,
    ) -> ConfigurationValue {
        let name = specifier.hasPrefix("node:") ? String(specifier.dropFirst(5)) : specifier
        switch name {
        case "path", "os", "url", "dotenv", "process", "fs":
            return ConfigurationValue(.builtin(name), at: origin)
        case "dotenv/config":
            loadDotenv(".env", for: module)
            return ConfigurationValue(.builtin("dotenv.config"), at: origin)
        case "webpack-merge": return ConfigurationValue(.builtin(name), at: origin)
        case "vite", "vitest/config": return ConfigurationValue(.builtin("vite"), at: origin)
        default: break
        }
        var path = specifier
        if path.hasPrefix(root + "/") { path = String(path.dropFirst(root.count)) }
        guard path.hasPrefix(".") || path.hasPrefix("/") else {
            return .unresolved("the package \"\(specifier)\" is not read", at: origin)
        }
        guard let base = ProjectPath.resolve(path, from: module.directory) else {
            return .unresolved("\"\(specifier)\" lies outside the project", at: origin)
        }
        do {
            guard let file = try existingFile(base) else {
                if attempts > 0, doubts.count <= attemptDepth { hasThrown = true }
                return .unresolved("there is no file for \"\(specifier)\"", at: origin)
            }
            let other = try self.module(file)
            if let problem = other.problems.first {
                return ConfigurationValue(.unresolved(problem), at: origin)
            }
            return other.live
        } catch let error as SourceError {
            return ConfigurationValue(.unresolved(Unresolved(error)), at: origin)
        } catch {
            return .unresolved("\"\(specifier)\" can't be read: \(error)", at: origin)
        }
    }

    private func existingFile(_ base: String) throws -> String? {
        let candidates =
            [
                "", ".js", ".cjs", ".mjs", ".json", ".ts", ".mts", ".cts", "/index.js",
                "/index.cjs", "/index.ts",
            ]
        return try candidates.map { base + $0 }
            .first { candidate in
                let name = ProjectPath.name(of: candidate)
                guard name.contains(".") else { return false }
                return try read(candidate) != nil
            }
    }

    func importNames(
        _ declaration: JavaScriptStatement.Import,
        at origin: SourceLocation,
        in module: JavaScriptModule,
    ) {
        let exports = required(declaration.module, at: origin, from: module)
        for (local, imported) in declaration.names {
            module.scope.declare(local, member(imported, of: exports, at: origin, in: module))
        }
    }

    private func member(
        _ imported: String,
        of exports: ConfigurationValue,
        at origin: SourceLocation,
        in module: JavaScriptModule,
    ) -> ConfigurationValue {
        if imported == "*" { return exports }
        guard imported == "default" else {
            return property(imported, of: exports, at: origin, in: module)
        }
        // A CommonJS module's default import is its `module.exports`.
        return exports.object?["default"] ?? exports
    }

    func exportNames(
        _ names: [(local: String, exported: String)],
        from specifier: String?,
        at origin: SourceLocation,
        in scope: JavaScriptScope,
        of module: JavaScriptModule,
    ) {
        guard let specifier else {
            for (local, exported) in names { export(local, as: exported, in: scope, of: module) }
            return
        }
        let exports = required(specifier, at: origin, from: module)
        for (local, exported) in names {
            setExport(exported, member(local, of: exports, at: origin, in: module), of: module)
        }
    }

    func export(
        _ local: String,
        as exported: String,
        in scope: JavaScriptScope,
        of module: JavaScriptModule,
    ) {
        guard let value = scope.value(of: local) else { return }
        setExport(exported, value, of: module)
    }

    func setExport(_ name: String, _ value: ConfigurationValue, of module: JavaScriptModule) {
        if case .reference(let exports) = module.live.kind {
            set(name, of: exports, to: value, at: value.origin)
        }
    }
}
