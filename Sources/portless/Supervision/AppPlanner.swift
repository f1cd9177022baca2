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
        "NODE_APP_INSTANCE", "PORTLESS_SUPERVISED", "PORTLESS_DAEMON", "PORTLESS_RUN", "_",
        "OLDPWD", "SHLVL",
    ]

    let context: CommandContext
    let naming: AppNaming
    private let configuration: ProjectConfiguration
    private let declared: DeclaredProcesses

    init(context: CommandContext, environmentName: String? = nil) throws {
        var context = context
        for name in Self.leaked { context.environment[name] = nil }
        self.context = context
        configuration = try context.project.configuration()
        naming = try context.project.commonNaming(configuration)
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
        let shared = processes.compactMap { process -> String? in
            guard let port = process.ports.first?.port else { return nil }
            let declared = process.declared
            let folder = CommandFolder(declared.directory)
            return SharedPort.warning(
                of: declared.name,
                running: declared.command,
                in: folder,
                port: port,
            )
        }
        for warning in leased + shared { context.console.warn(warning) }
        let hasPorts = processes.contains { !$0.ports.isEmpty }
        let proxy = hasPorts ? try ProxyControl(context).ensureRunning() : nil
        if let proxy { context.warnOfLength(of: naming.name, under: proxy.tlds) }
        let plan = try PlanDraft(
            app: naming.name,
            directory: root,
            processes: processes,
            variables: block?.environment ?? [:],
            proxy: proxy,
            environment: try AppEnvironment(context, proxy: proxy),
            folder: CommandFolder.init,
        ).plan()
        for process in plan.processes {
            context.adviseOnHost(process.names.own.first, in: process.directory)
        }
        return plan
    }
}

/// All that the plan of an app is made of, as values: what is declared, which ports there are, and
/// what is known of the environment.
struct PlanDraft {
    struct Process {
        var instance: ProcessPorts.Instance
        /// The primary one first.
        var ports: [DetectedProcess.LabeledPort]

        var declared: DeclaredProcess { instance.declared }

        /// The one that people open first: the `ui`, where one process has an `api` as well.
        var shown: [DetectedProcess.LabeledPort] {
            guard let first = ports.first, PortLabels.speaksHTTP(first.label),
                let ui = ports.first(where: { $0.label.lowercased() == "ui" })
            else { return ports }
            return [ui] + ports.filter { $0 != ui }
        }
    }

    var app: AppName
    var directory: FilePath
    var processes: [Process]
    /// The ports of the app's block by their labels, which every process is told.
    var variables: [String: String]
    /// Nil where no name leads anywhere.
    var proxy: ProxyDescription?
    var environment: AppEnvironment
    /// What commands find in a folder.
    var folder: (FilePath) -> CommandFolder

    func plan() throws -> SupervisionPlan {
        let names = try ProcessNames.of(
            processes.map { ($0.instance.name, $0.shown) },
            app: app,
            tlds: proxy?.tlds ?? [],
            pages: Set(processes.filter(\.declared.showsPages).map(\.instance.name)),
            own: Dictionary(
                processes.filter { !$0.declared.appNames.isEmpty }
                    .map { ($0.instance.name, $0.declared.appNames) },
                uniquingKeysWith: { first, _ in first },
            ),
        )
        let named = zip(processes, names).map { process, names in
            (process, names, urls: names.all.compactMap { proxy?.url(for: $0) })
        }
        let siblings = SiblingVariables.variables(
            named.compactMap { process, _, urls in
                urls.first.map { (process.instance.name, $0) }
            }
        )
        return SupervisionPlan(
            app: app,
            directory: directory,
            processes: named.map { process, names, urls in
                planned(process, names: names, urls: urls, siblings: siblings)
            },
        )
    }

    private func planned(
        _ process: Process,
        names: RouteNames,
        urls: [String],
        siblings: [String: String],
    ) -> PlannedProcess {
        let declared = process.declared
        var planned = PlannedProcess(
            name: process.instance.name,
            command: command(of: process),
            directory: declared.directory,
            environment: [:],
        )
        planned.ports = process.ports.sorted { $0.port < $1.port }
        planned.primaryPort = process.shown.first?.port
        planned.names = names
        planned.urls = urls
        let whole = wholeEnvironment(of: process, url: urls.first, siblings: siblings)
        // PATH is the caller's, too, however much stands in front of it.
        planned.environment = whole.filter { name, value in
            name != "PATH" && environment.inherited[name] != value
        }
        planned.environment.merge(declared.environment) { $1 }
        if let port = whole["PORT"] { planned.environment["PORT"] = port }
        planned.inherited = whole.filter { planned.environment[$0.key] == nil }
        planned.restart = declared.restart
        planned.killTimeout = declared.killTimeout
        planned.memoryLimit = declared.memoryLimit
        planned.outputFile = declared.outputFile
        planned.errorFile = declared.errorFile
        planned.dependencies =
            processes
            .filter { declared.dependencies.contains($0.declared.name) }
            .map(\.instance.name)
        return planned
    }

    // Inlined, it crashes the optimiser of Swift 6.3.1 (in CopyPropagation).
    @inline(never)
    private func command(of process: Process) -> [String] {
        let declared = process.declared
        guard let port = process.ports.first?.port else { return declared.command }
        return FlagInjection(port: port)
            .applied(to: declared.command, in: folder(declared.directory))
    }

    private func wholeEnvironment(
        of process: Process,
        url: String?,
        siblings: [String: String],
    ) -> [String: String] {
        let (declared, number) = (process.declared, process.instance.number)
        let port = process.ports.first?.port
        let told = AppEnvironment.Variables(
            port: port,
            url: url,
            labeled: variables,
            defaults: siblings,
        )
        var result = environment.applied(told, in: declared.directory)
        result.merge(declared.environment) { $1 }
        if let port, number > 0 { result["PORT"] = port.description }
        if let variable = declared.numberVariable {
            result[variable] = String(number)
        } else if declared.instances > 1 {
            result["NODE_APP_INSTANCE"] = String(number)
        }
        if let variable = declared.instanceVariable, variable != "PORT",
            let first = result[variable].flatMap({ Int($0) })
        {
            result[variable] = String(first.saturatingAdd(number))
        }
        return result
    }
}
