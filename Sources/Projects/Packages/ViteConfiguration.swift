import PortlessCore

/// The `server.port` of a directory's Vite reader.
enum ViteConfiguration {
    static let names = ["ts", "js", "mjs", "cjs", "mts", "cts"].map { "vite.config.\($0)" }

    /// The first file that gives a port wins; nil where none does.
    static func port(
        in directory: String,
        of reader: ProjectReader,
        into project: inout ProjectDraft,
    ) -> ConfigurationValue? {
        for name in names {
            let file = ProjectPath.join(directory, name)
            do {
                guard try reader.source(file) != nil else { continue }
                let module = try reader.evaluator.module(file)
                project.report(module.problems.map(\.asPartOfReadable))
                let root = module.exports.object?["default"] ?? module.exports
                if let problem = root.problem {
                    project.report(problem)
                } else if let port = port(root, &project) {
                    return port
                }
            } catch {
                project.report(Unresolved(error))
            }
        }
        return nil
    }

    private static func port(
        _ root: ConfigurationValue,
        _ project: inout ProjectDraft,
    ) -> ConfigurationValue? {
        guard let server = root.object?["server"] else {
            project.report(root.object?.gaps ?? [])
            return nil
        }
        if let problem = server.problem {
            project.report(problem)
            return nil
        }
        guard let port = server.object?["port"] else {
            project.report(server.object?.gaps ?? [])
            return nil
        }
        return port.isUndefined ? nil : port
    }
}
