import HostSystem
import PortlessCore
import Projects
import Runner
import SystemPackage

/// Works out how the processes of the working directory's project are run in the background.
struct AppPlanner {
    /// What must not leak from the caller: the ports, and the process manager's variables, of
    /// another process.
    private static let leaked = [
        "PORT", "HOST", "PORTLESS_URL", "max_memory_restart", "exec_mode", "watch", "pm_id",
        "NODE_APP_INSTANCE", "PORTLESS_SUPERVISED", "PORTLESS_DAEMON", "_", "OLDPWD", "SHLVL",
    ]

    let context: CommandContext
    let naming: AppNaming
    private let configuration: ProjectConfiguration
    private let declared: DeclaredProcesses

    init(context: CommandContext, environmentName: String? = nil) throws {
        var context = context
        for name in Self.leaked { context.environment[name] = nil }
        self.context = context
        configuration = try context.projectConfiguration()
        naming = try context.projectNaming(configuration)
        declared = try ProjectDeclarations(
            context: context,
            configuration: configuration,
            environmentName: environmentName,
        ).read()
    }

    /// What is declared and has no effect.
    var notes: [String] { declared.notes }

    /// The environments that `--env` may choose.
    var environments: [String] { declared.environments }

    /// Refuses to start what can't be started, or nothing but these processes of it.
    func refuseObstacles(among names: [String]?) throws {
        for process in declared.processes {
            guard let obstacle = process.obstacle else { continue }
            let isMeant = names.map { process.instanceNames.contains(where: $0.contains) } ?? true
            // Whatever is in the plan may be started by a later command.
            if isMeant { throw obstacle }
            if case .otherUser = obstacle { throw obstacle }
        }
    }

    /// Leases the ports that are missing, starts the proxy if a name is to lead anywhere, and
    /// registers nothing yet.
    func plan() throws -> SupervisionPlan {
        let root = context.workingDirectory
        let ports = ProcessPorts(declared.processes)
        let configured = configuration.app.ports
        let block = try RunPorts(context: context)
            .labeled(naming.question(ports.wanted(configured)))?
            .fixing(configuration.app.appPort)
        let processes = ports.instances.map { instance in
            PlanDraft.Process(
                instance: instance,
                ports: ports.ports(of: instance, block: block, configured: configured),
            )
        }
        let leased = LeasedPorts.warnings(
            of: processes.flatMap(\.ports).map { ($0.label, $0.port) },
            app: naming.name,
            leases: try LeaseStore(directory: context.stateDirectory()).list(),
        )
        for warning in leased { context.console.warn(warning) }
        let hasPorts = processes.contains { !$0.ports.isEmpty }
        let proxy = hasPorts ? try context.ensuredProxy() : nil
        return try PlanDraft(
            app: naming.name,
            directory: root,
            processes: processes,
            variables: block?.environment ?? [:],
            proxy: proxy,
            environment: try AppEnvironment(context, proxy: proxy),
            script: { folder, name in PackageManifest(in: folder)?.script(name) },
        ).plan()
    }
}
