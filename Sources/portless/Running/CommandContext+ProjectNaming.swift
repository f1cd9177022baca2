import PortlessCore
import Projects

extension CommandContext {
    /// What the project in the working directory is called.
    func projectNaming(_ configuration: ProjectConfiguration) throws -> AppNaming {
        if let name = configuration.app.name {
            return try AppNaming(base: name, source: .configuration, prefix: worktreePrefix)
        }
        let inferred = try NameInference.infer(in: workingDirectory)
        return try AppNaming(base: inferred.name, source: inferred.source, prefix: worktreePrefix)
    }
}
