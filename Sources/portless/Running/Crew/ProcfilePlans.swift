import PortlessCore
import Runner

/// The programs of the working directory's Procfile.
struct ProcfilePlans {
    let context: CommandContext
    let configuration: ProjectConfiguration

    /// A plan for each program: `web` gets the project's own name, others that ask for a port get
    /// one below it, and the rest none.
    func plans() throws -> [AppPlan] {
        let folder = context.workingDirectory
        let entries = try ProcfileEntry.load(in: folder)
        guard !entries.isEmpty else { return [] }
        let project = try configuration.app.name ?? NameInference.infer(in: folder).name
        let prefix = context.worktreePrefix
        return try entries.map { entry in
            let isWeb = entry.name == "web"
            let name = isWeb ? project : "\(DNSLabel.sanitized(entry.name)).\(project)"
            let serves = isWeb || entry.mentionsPort
            return AppPlan(
                label: entry.name,
                name: serves ? try AppName(parsing: name).prefixed(by: prefix) : nil,
                directory: folder,
                command: ["sh", "-c", entry.command],
                fixedPort: isWeb ? configuration.app.appPort : nil,
                baseName: prefix == nil ? nil : try AppName(parsing: name),
                ports: isWeb ? configuration.app.ports : [],
            )
        }
    }
}
