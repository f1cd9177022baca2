import PortlessCore
import Projects
import SystemPackage

/// The apps of a workspace whose root is the working directory.
struct WorkspacePlans {
    let context: CommandContext
    let configuration: ProjectConfiguration

    /// A plan for each package that has the script; none where this is no workspace.
    func plans(script: String, extra: [String]) throws -> [AppPlan] {
        guard let workspace = try Workspace(root: context.workingDirectory) else { return [] }
        let project = try projectName(workspace)
        let prefix = context.worktreePrefix
        var plans: [AppPlan] = []
        for package in workspace.packages {
            let own = try ProjectConfiguration.fromPackage(in: package.folder).app
            // Without `apps` the top level speaks of the project, not of each package in it.
            let shared = configuration.apps.isEmpty ? nil : configuration.app(at: package.path)
            let settings = own.filled(from: shared)
            let chosen = settings.script ?? script
            guard let text = PackageManifest(in: package.folder)?.script(chosen) else { continue }
            let isProxied = settings.isProxied ?? ServerScript.serves(text)
            let name = CrewNames.app(
                configured: settings.name,
                packageName: package.name,
                path: package.path,
                project: project,
            )
            plans.append(
                AppPlan(
                    label: package.name ?? package.path,
                    name: isProxied ? try AppName(parsing: name).prefixed(by: prefix) : nil,
                    directory: package.folder,
                    command: ScriptRunner.detect(in: package.folder)
                        .command(script: chosen, extra: extra),
                    fixedPort: settings.appPort,
                    baseName: prefix == nil ? nil : try AppName(parsing: name),
                    ports: settings.ports,
                    package: package.path,
                )
            )
        }
        return plans
    }

    private func projectName(_ workspace: Workspace) throws -> String {
        let common = CrewNames.project(
            configured: configuration.app.name,
            packageNames: workspace.packages.compactMap(\.name),
        )
        return try common ?? NameInference.infer(in: workspace.root).name
    }
}
