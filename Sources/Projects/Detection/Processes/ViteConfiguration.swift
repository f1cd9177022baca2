import PortlessCore

/// The `server.port` of a directory's Vite configuration.
enum ViteConfiguration {
    static let names = ["ts", "js", "mjs", "cjs", "mts", "cts"].map { "vite.config.\($0)" }

    /// The first file that gives a port wins; nil where none does.
    static func port(
        in directory: String,
        of configuration: ConfigurationFile,
        into findings: inout Findings,
    ) -> JavaScriptValue? {
        for name in names {
            let file = ProjectPath.join(directory, name)
            do {
                guard try configuration.source(file) != nil else { continue }
                let module = try configuration.evaluator.module(file)
                findings.report(module.problems.map(\.asPartOfReadable))
                let root = module.exports.object?["default"] ?? module.exports
                if let problem = root.problem {
                    findings.report(problem)
                } else if let port = port(root, &findings) {
                    return port
                }
            } catch {
                findings.report(Unresolved(error))
            }
        }
        return nil
    }

    private static func port(
        _ root: JavaScriptValue,
        _ findings: inout Findings,
    ) -> JavaScriptValue? {
        guard let server = root.object?["server"] else {
            findings.report(root.object?.gaps ?? [])
            return nil
        }
        if let problem = server.problem {
            findings.report(problem)
            return nil
        }
        guard let port = server.object?["port"] else {
            findings.report(server.object?.gaps ?? [])
            return nil
        }
        return port.isUndefined ? nil : port
    }
}
