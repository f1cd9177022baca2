import PortlessCore

/// Reads the `server.port` of a directory's Vite configuration.
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
                let (root, problems) = try reader.evaluator.developmentConfiguration(file)
                project.report(problems.map(\.asPartOfReadable))
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
        guard let options = root.object else {
            let reason = "what this file exports isn't an object"
            project.report(Unresolved(root.origin, reason))
            return nil
        }
        guard let server = options["server"], !server.isNullish else {
            project.report(options.gaps)
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
