import PortlessCore
import Projects
import Runner
import SystemPackage

/// The programs of the working directory's Procfile.
struct ProcfilePlans {
    let context: CommandContext
    let configuration: ProjectConfiguration

    /// A plan for each program, each with a port.
    ///
    /// `web` gets the project's own name, other servers get one below it, and the rest none.
    func plans() throws -> [AppPlan] {
        let folder = context.workingDirectory
        guard let procfile = try Procfile.load(in: folder) else { return [] }
        let manifest = PackageManifest(in: folder)
        for warning in procfile.warnings { context.console.warn(warning) }
        let project = try configuration.app.name ?? NameInference.infer(in: folder).name
        let prefix = context.project.worktreePrefix
        return try procfile.entries.map { entry in
            let isWeb = entry.name == "web"
            let name = isWeb ? project : "\(DNSLabel.sanitized(entry.name)).\(project)"
            let serves = entry.serves { manifest?.script($0) }
            return AppPlan(
                label: entry.name,
                name: serves ? try AppName(parsing: name).prefixed(by: prefix) : nil,
                directory: folder,
                command: ["sh", "-c", entry.command],
                fixedPort: isWeb ? configuration.app.appPort : nil,
                baseName: prefix == nil ? nil : try AppName(parsing: name),
                ports: isWeb ? configuration.app.ports : [],
                wantsPort: true,
            )
        }
    }
}
