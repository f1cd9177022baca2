import PortlessCore
import Projects

/// The name an app runs under, and where it comes from, as the user is told.
struct AppNaming: Equatable {
    let name: AppName
    /// The name without the worktree's prefix; nil in named mode, where the user typed it.
    let base: String?
    let source: NameSource?
    let prefix: String?

    init(exactly text: String) throws(NameError) {
        name = try AppName(parsing: text)
        _ = try name.hostnames(under: [.localhost])
        (base, source, prefix) = (nil, nil, nil)
    }

    init(base text: String, source: NameSource, prefix: String?) throws(NameError) {
        let base = try AppName(parsing: text)
        name = try base.prefixed(by: prefix)
        _ = try name.hostnames(under: [.localhost])
        (self.base, self.source, self.prefix) = (base.description, source, prefix)
    }

    /// The name without the worktree's prefix, in a linked worktree.
    var baseName: AppName? {
        prefix == nil ? nil : base.flatMap { try? AppName(parsing: $0) }
    }

    /// What the app's ports are found by.
    func question(_ configured: [ConfiguredPort]) -> AppPorts.Question {
        AppPorts.Question(app: name, base: baseName, configured: configured)
    }

    var lines: [String] {
        var lines: [String] = []
        if let base, let source { lines.append("-- Name \"\(base)\" (from \(source))") }
        if let prefix { lines.append("-- Prefix \"\(prefix)\" (from git branch)") }
        return lines
    }
}

extension CommandContext {
    /// The configuration of the working directory; keys in it that mean nothing are warned of.
    func projectConfiguration() throws -> ProjectConfiguration {
        let configuration = try ProjectConfiguration.load(in: workingDirectory)
        for key in configuration.unknownKeys {
            console.warn("Unknown key \"\(key)\" in the project's configuration.")
        }
        return configuration
    }

    /// What the project in the working directory is called.
    func projectNaming(_ configuration: ProjectConfiguration) throws -> AppNaming {
        if let name = configuration.app.name {
            return try AppNaming(
                base: name,
                source: .configuration,
                prefix: project.worktreePrefix,
            )
        }
        let inferred = try NameInference.infer(in: workingDirectory)
        return try AppNaming(
            base: inferred.name,
            source: inferred.source,
            prefix: project.worktreePrefix,
        )
    }
}
