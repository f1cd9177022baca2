import HostSystem
import PortlessCore
import Projects
import Runner
import SystemPackage

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
    /// The part of its own names' paths that the app has; nil for the whole host.
    var path: RoutePath?
    /// The prefix of its names in a linked git worktree.
    var worktree: String?
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
            tcp: tcpLabels,
        )
        return names.map { names in
            var names = names
            if !names.own.isEmpty { names.path = path }
            names.worktree = names.isEmpty ? nil : worktree
            return names
        }
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
        placeholders.url = { [proxy, app, path] name in
            if name == app.description { return own.flatMap { proxy?.url(for: $0, path) } }
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
        return FlagInjection(port: port, isLAN: environment.isLAN)
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
            choosesHost: environment.leavesHost(to: declared.command),
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
