import HostSystem
import PortlessCore
import Projects
import Runner
import SystemPackage

/// Works out how the processes of the working directory's project are run in the background.
struct AppPlanner {
    /// What must not leak from whoever calls: it is the ports and the manager's business of
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
        let detected = ProjectDetection.detect(
            directory: root,
            files: .directory(root),
            home: context.environment["HOME"],
        )
        let ports = ProcessPorts(declared.processes, detected: detected)
        let configured = configuration.app.ports
        let block = try context.appPorts(naming.question(ports.wanted(configured)))?
            .fixing(configuration.app.appPort)
        let given = ports.instances.map { instance in
            ports.ports(of: instance, block: block, configured: configured)
        }
        let leased = LeasedPorts.warnings(
            of: given.joined().map { ($0.label, $0.port) },
            app: naming.name,
            leases: try LeaseStore(directory: context.stateDirectory()).list(),
        )
        for warning in leased { context.console.warn(warning) }
        let proxy = given.contains { !$0.isEmpty } ? try context.ensuredProxy() : nil
        let names = try ProcessNames.of(
            zip(ports.instances, given).map { ($0.name, $1) },
            app: naming.name,
            tlds: proxy?.tlds ?? [],
        )
        let urls = names.map { names in proxy.map { names.all.map($0.url) } ?? [] }
        let siblings = SiblingVariables.variables(
            zip(ports.instances, urls).compactMap { instance, urls in
                urls.first.map { (instance.name, $0) }
            }
        )
        var processes: [PlannedProcess] = []
        for (index, instance) in ports.instances.enumerated() {
            var process = PlannedProcess(
                name: instance.name,
                command: command(of: instance, port: given[index].first?.port),
                directory: instance.declared.directory,
                environment: [:],
            )
            process.ports = given[index].sorted { $0.port < $1.port }
            process.primaryPort = given[index].first?.port
            process.names = names[index]
            process.urls = urls[index]
            let environment = try environment(
                instance,
                process,
                proxy,
                labeled: block?.environment ?? [:],
                siblings: siblings,
            )
            // PATH is the caller's, too, however much stands in front of it.
            process.environment = environment.filter { name, value in
                name != "PATH" && context.environment[name] != value
            }
            process.environment.merge(instance.declared.environment) { $1 }
            if let port = environment["PORT"] { process.environment["PORT"] = port }
            process.inherited = environment.filter { process.environment[$0.key] == nil }
            process.restart = instance.declared.restart
            process.killTimeout = instance.declared.killTimeout
            process.memoryLimit = instance.declared.memoryLimit
            process.outputFile = instance.declared.outputFile
            process.errorFile = instance.declared.errorFile
            process.dependencies = ports.instances
                .filter { instance.declared.dependencies.contains($0.declared.name) }
                .map(\.name)
            processes.append(process)
        }
        return SupervisionPlan(app: naming.name, directory: root, processes: processes)
    }

    // Inlined into `plan`, it crashes the optimiser of Swift 6.3.1 (in CopyPropagation).
    @inline(never)
    private func command(of instance: ProcessPorts.Instance, port: Port?) -> [String] {
        guard let port else { return instance.declared.command }
        return FlagInjection(port: port).applied(to: instance.declared.command) { script in
            PackageManifest(in: instance.declared.directory)?.script(script)
        }
    }

    private func environment(
        _ instance: ProcessPorts.Instance,
        _ process: PlannedProcess,
        _ proxy: ProxyDescription?,
        labeled: [String: String],
        siblings: [String: String],
    ) throws -> [String: String] {
        let directory = process.directory
        var result: [String: String]
        if let port = process.primaryPort, let proxy, let url = process.urls.first {
            result = try AppEnvironment(context: context, proxy: proxy).variables(
                port: port,
                url: url,
                directory: directory,
                labeled: labeled,
                additions: siblings,
            )
        } else {
            result = context.environmentWithLocalPrograms(in: directory)
                .merging(labeled) { $1 }
                .merging(siblings) { users, _ in users }
            result["PORT"] = process.primaryPort?.description
        }
        result.merge(instance.declared.environment) { $1 }
        if let port = process.primaryPort, instance.number > 0 {
            result["PORT"] = port.description
        }
        if let variable = instance.declared.numberVariable {
            result[variable] = String(instance.number)
        } else if instance.declared.instances > 1 {
            result["NODE_APP_INSTANCE"] = String(instance.number)
        }
        if let variable = instance.declared.instanceVariable, variable != "PORT",
            let first = result[variable].flatMap({ Int($0) })
        {
            result[variable] = String(first + instance.number)
        }
        return result
    }
}
