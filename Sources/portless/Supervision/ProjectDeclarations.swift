import HostSystem
import PortlessCore
import Projects
import Runner
import SystemPackage

/// What the files of the working directory's project declare to be run.
struct ProjectDeclarations {
    let context: CommandContext
    let configuration: ProjectConfiguration
    /// The `env_<name>` block of a PM2 file.
    var environmentName: String?

    /// A PM2 file, else a Procfile, else a workspace's or the project's script; what `processes` of
    /// `portless.json` says is added to it.
    func read() throws -> DeclaredProcesses {
        let declared = try found()
        guard !declared.processes.isEmpty else {
            throw Failure(
                "Nothing in \(context.workingDirectory) says what to run.",
                remedy: """
                    Add a "dev" or "start" script to package.json, a Procfile, an \
                    ecosystem.config.js or "processes" in portless.json; or name a command: \
                    portless <name> <command…>
                    """,
            )
        }
        return declared
    }

    /// The same, but for a project that declares nothing.
    func found() throws -> DeclaredProcesses {
        let root = context.workingDirectory
        let reading = try ProjectReading(
            root: root,
            files: .directory(root),
            ProjectReading.Choice(
                environment: context.environment,
                environmentName: environmentName,
                user: User.lookUp(uid: context.userID),
            ),
        )
        var declared = reading.declared
        let hasOwn = configuration.processes.contains { $0.command != nil }
        if declared == nil, !hasOwn {
            declared = try scripts(root, project: reading.detected.processName)
        }
        var result = declared ?? DeclaredProcesses()
        try result.apply(configuration.processes, root: root)
        result.addPorts(of: reading.detected)
        try result.refuseSharedPorts(of: reading.detected)
        let shared = try WorkspaceSiblings.variables(around: root) + configuration.app.environment
        for index in result.processes.indices {
            result.processes[index].templates.insert(contentsOf: shared, at: 0)
        }
        return result
    }

    /// `project` is what detection calls the process of a package's own scripts.
    private func scripts(_ root: FilePath, project: String) throws -> DeclaredProcesses? {
        let script = context.globals.script ?? configuration.app.script ?? "dev"
        let plans = try WorkspacePlans(context: context, configuration: configuration)
            .plans(script: script, extra: [])
        try PlanConflict.refuse(plans)
        let labels = plans.map(\.label)
        if !plans.isEmpty {
            return DeclaredProcesses(
                processes: try plans.map { try Self.process($0, among: labels) }
            )
        }
        let own = context.project.script(configuration)
        guard let manifest = PackageManifest(in: root), let text = manifest.script(own),
            let name = ProcessName.made(of: own)
        else { return nil }
        var process = DeclaredProcess(
            name: name,
            command: PackageManager.detect(in: root).command(script: own),
            directory: root,
        )
        let suffix = manifest.suffix(ofScript: script)
        process.declaredName = suffix.isEmpty ? project : "\(project)-\(suffix)"
        let folder = CommandFolder(root)
        process.wantsPort =
            configuration.app.isProxied ?? ServerCommand.serves(text, in: folder) ?? true
        process.showsPages = ServerCommand.showsPages(text, in: folder)
        return DeclaredProcesses(processes: [process])
    }

    private static func process(_ plan: AppPlan, among labels: [String]) throws -> DeclaredProcess {
        let label = String(SiblingVariables.shortName(plan.label, among: labels))
        guard let name = ProcessName.made(of: label) else {
            throw DeclarationError.invalidName(label)
        }
        var process = DeclaredProcess(
            name: name,
            command: plan.command,
            directory: plan.directory,
        )
        process.declaredName = plan.label
        process.wantsPort = plan.name != nil
        process.appNames = [plan.name, plan.furtherName].compactMap(\.self)
        process.showsPages = plan.showsPages
        process.health = plan.health
        process.environment["PORT"] = plan.fixedPort?.description
        process.templates = plan.variables
        return process
    }
}
