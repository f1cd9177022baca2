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
    private let path: RoutePath?

    /// That of one command, whatever the project's files declare to be run.
    init(
        context: CommandContext,
        running process: DeclaredProcess,
        as naming: AppNaming,
        _ configuration: ProjectConfiguration,
        fixedPort: Port?,
        path: RoutePath?,
    ) {
        self.context = Self.withoutLeaks(context)
        self.configuration = configuration
        self.naming = naming
        self.fixedPort = fixedPort ?? configuration.app.appPort
        self.path = path
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
        path = try PathFlags().path(context.environment, configuration.app)
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
                let words = "doesn't run in this worktree: the others find that of the main"
                context.console.say("-- \(name) \(words) checkout, \(url)")
            }
        }
        var plan = try draft.plan()
        plan.onRequest = try AppRegistry(directory: context.stateDirectory())
            .onRequest(in: context.workingDirectory, otherwise: configuration.app.onRequest)
        plan.needs = configuration.app.dependencies.filter { $0 != naming.name }
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
        draft.path = path
        draft.worktree = naming.baseName.flatMap { naming.name.prefix(of: $0) }
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
            urls[process.instance.name] = found.map { hostname in
                proxy.url(for: hostname, names.own.contains(hostname) ? names.path : nil)
            }
        }
        return urls
    }
}
