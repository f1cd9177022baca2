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
    private let fixedPort: Port?

    /// That of one command, whatever the project's files declare to be run.
    init(
        context: CommandContext,
        running process: DeclaredProcess,
        as naming: AppNaming,
        _ configuration: ProjectConfiguration,
        fixedPort: Port?,
    ) {
        self.context = Self.withoutLeaks(context)
        self.configuration = configuration
        self.naming = naming
        self.fixedPort = fixedPort ?? configuration.app.appPort
        declared = DeclaredProcesses(processes: [process])
    }

    /// `mayBeEmpty` is whether the project need not declare anything.
    init(
        context: CommandContext,
        environmentName: String? = nil,
        mayBeEmpty: Bool = false,
    ) throws {
        let context = Self.withoutLeaks(context)
        self.context = context
        configuration = try context.project.configuration()
        naming = try context.project.commonNaming(configuration)
        let declarations = ProjectDeclarations(
            context: context,
            configuration: configuration,
            environmentName: environmentName,
        )
        var declared = try mayBeEmpty ? declarations.found() : declarations.read()
        if naming.baseName != nil { declared.leaseDeclaredPorts() }
        self.declared = declared
        fixedPort = configuration.app.appPort
    }

    private static func withoutLeaks(_ context: CommandContext) -> CommandContext {
        var context = context
        for name in leaked { context.environment[name] = nil }
        return context
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
    ///
    /// `only` are the processes that are to be started; nil: all of them.
    func plan(only: [String]? = nil) throws -> SupervisionPlan {
        let (processes, block) = try ports()
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
        var draft = try draft(processes, block: block, proxy: proxy)
        if let only, let proxy {
            draft.mainCheckout = try mainCheckout(of: draft, without: only, proxy)
            for (name, url) in draft.mainCheckout.sorted(by: { $0.key < $1.key }) {
                context.console.say(
                    "-- \(name) doesn't run in this worktree: the others find that of the main "
                        + "checkout, \(url)"
                )
            }
        }
        let plan = try draft.plan()
        for process in plan.processes {
            context.adviseOnHost(process.names.own.first, in: process.directory)
        }
        return plan
    }

    /// What the processes are told besides their own environment, under the proxy that runs or the
    /// next one: their ports, how to find the others, and `env` of the project's configuration.
    ///
    /// Leases the ports that are missing. Without a process's name, that of the one which people open
    /// is meant, else the first one; a project without processes has its ports and its `env`.
    func told(_ process: String?) throws -> [String: String] {
        let (processes, block) = try ports()
        let draft = try draft(processes, block: block, proxy: context.describeProxy())
        let plan = try draft.plan()
        guard let process else {
            let main = plan.processes.first { !$0.names.own.isEmpty } ?? plan.processes.first
            guard let main else { return try draft.values(block: block) }
            return try told(main.name)
        }
        guard let planned = plan.processes.first(where: { $0.name == process }),
            let declared = processes.first(where: { $0.instance.name == process })?.declared
        else {
            let names = plan.processes.map(\.name).joined(separator: ", ")
            throw Failure(
                "\(naming.name) has no process \"\(process)\".",
                remedy: names.isEmpty ? "It declares none." : "There are: \(names).",
            )
        }
        let names = Set(draft.variables.keys).union(declared.templates.map(\.name))
        return planned.environment.merging(planned.inherited) { own, _ in own }
            .filter { name, _ in
                name == "PORT" || name.hasPrefix("PORTLESS_URL") || names.contains(name)
            }
    }

    /// The processes with their ports, and the app's block.
    private func ports() throws -> (processes: [PlanDraft.Process], block: AppPorts?) {
        let ports = ProcessPorts(declared.processes)
        let configured = configuration.app.ports
        let block = try RunPorts(context: context)
            .labeled(naming.question(ports.wanted(configured)))?
            .fixing(fixedPort)
        let processes = ports.instances.map { instance in
            PlanDraft.Process(
                instance: instance,
                ports: ports.ports(of: instance, block: block, configured: configured),
            )
        }
        return (processes, block)
    }

    private func draft(
        _ processes: [PlanDraft.Process],
        block: AppPorts?,
        proxy: ProxyDescription?,
    ) throws -> PlanDraft {
        var draft = PlanDraft(
            app: naming.name,
            directory: context.workingDirectory,
            processes: processes,
            variables: block?.environment ?? [:],
            proxy: proxy,
            environment: try AppEnvironment(context, proxy: proxy),
            folder: CommandFolder.init,
            health: configuration.app.health,
            tcpLabels: configuration.app.tcpLabels,
        )
        draft.placeholders = try PlaceholderValues(of: naming.name, context, proxy)
        draft.projectVariables = configuration.app.environment
        if let proxy, WorkspaceSiblings.isPackage(context.workingDirectory) {
            draft.workspace = try WorkspaceSiblings(context: context, own: naming.name)
                .variables(proxy)
        }
        return draft
    }

    /// In a linked worktree, the URLs of processes of the main checkout whose own ones here neither
    /// run nor are to be started.
    private func mainCheckout(
        of draft: PlanDraft,
        without started: [String],
        _ proxy: ProxyDescription,
    ) throws -> [String: String] {
        guard let base = naming.baseName else { return [:] }
        let routed = Set(try context.routes().list().map(\.hostname))
        let here = StoredApps.list(in: try context.stateDirectory())
            .first { $0.name == naming.name && $0.directory == draft.directory }
        let running = here?.processes.filter(\.state.isActive).map(\.name) ?? []
        var main = draft
        main.app = base
        var urls: [String: String] = [:]
        for (process, names) in zip(draft.processes, try main.names())
        where !started.contains(process.instance.name) && !running.contains(process.instance.name) {
            let found = names.all.first { routed.contains($0.description) }
            urls[process.instance.name] = found.map(proxy.url)
        }
        return urls
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
    /// What `env` of the project's configuration may ask for; nil where nothing does.
    var placeholders: PlaceholderValues?
    /// `env` of the project as a whole.
    var projectVariables: [ConfiguredVariable] = []
    /// How the other packages of a workspace are found.
    var workspace: [String: String] = [:]
    /// The URLs of processes of the main checkout that stand in for those here.
    var mainCheckout: [String: String] = [:]
    /// How the process with the app's own name is asked whether it is ready.
    var health: HealthCheck?
    /// The labels that have TCP names, in lower case.
    var tcpLabels: Set<String> = []

    func plan() throws -> SupervisionPlan {
        let named = zip(processes, try names()).map { process, names in
            (process, names, urls: proxy?.addresses(of: names) ?? [])
        }
        let own = SiblingVariables.variables(
            named.compactMap { process, _, urls in
                let name = process.instance.name
                return (mainCheckout[name] ?? urls.first).map { (name, $0) }
            }
        )
        let siblings = workspace.merging(own) { $1 }
        return SupervisionPlan(
            app: app,
            directory: directory,
            processes: try named.map { process, names, urls in
                var planned = planned(process, names: names, urls: urls, siblings: siblings)
                let values = try values(for: process, siblings: siblings, named.map(\.1))
                planned.environment.merge(values) { $1 }
                planned.inherited = planned.inherited.filter { values[$0.key] == nil }
                return planned
            },
        )
    }

    /// The names of each process.
    func names() throws -> [RouteNames] {
        try ProcessNames.of(
            processes.map { ($0.instance.name, $0.shown) },
            app: app,
            tlds: proxy?.tlds ?? [],
            pages: Set(processes.filter(\.declared.showsPages).map(\.instance.name)),
            own: Dictionary(
                processes.filter { !$0.declared.appNames.isEmpty }
                    .map { ($0.instance.name, $0.declared.appNames) },
                uniquingKeysWith: { first, _ in first },
            ),
            tcp: tcpLabels,
        )
    }

    /// What `env` of the project's configuration tells a process.
    private func values(
        for process: Process,
        siblings: [String: String],
        _ names: [RouteNames],
    ) throws -> [String: String] {
        guard var placeholders else { return [:] }
        placeholders.ports = process.ports + processes.flatMap(\.ports)
        let own = names.lazy.compactMap(\.own.first).first
        let labels = names.flatMap(\.labels)
        placeholders.url = { [proxy, app] name in
            if name == app.description { return own.flatMap { proxy?.url(for: $0) } }
            return siblings[SiblingVariables.name(of: name)]
                ?? labels.first { $0.label.lowercased() == name }
                .flatMap { proxy?.address(of: $0) }
        }
        return try placeholders.values(of: process.declared.templates)
    }

    /// The same for the project as a whole, with the ports of its block.
    func values(block: AppPorts?) throws -> [String: String] {
        guard var placeholders else { return variables }
        placeholders.ports = block?.endpoints.map { .init(label: $0.label, port: $0.port) } ?? []
        return try variables.merging(placeholders.values(of: projectVariables)) { $1 }
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
        planned.health = declared.health ?? (names.own.isEmpty ? nil : health)
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
