import HostSystem
import PortlessCore
import Projects
import Runner
import SystemPackage

/// Runs apps in the terminal under their names, from the registration to the end of the last.
///
/// One that runs alone has the terminal to itself; of several, the output stands side by side, and
/// an app that ends doesn't take the others with it. All names are registered before the first app
/// starts, so that a conflict starts nothing.
struct PlanRun {
    /// How long each port may think about a question.
    private static let probe = HTTPProbe(limit: .seconds(2))

    let context: CommandContext
    let plans: [AppPlan]
    /// Where the name of an app that runs alone comes from; nil for several side by side.
    var naming: AppNaming?
    /// What starts all of several apps itself; nil: each is started on its own.
    var turborepo: Turborepo?
    /// Whether apps that have the names already are ended.
    var force = false
    /// Variables that each app gets unless the user has set them; nil: how to find its siblings.
    var additions: ((ProxyDescription) throws -> [String: String])?
    /// Called once an app runs and its names lead to it.
    var whenStarted: (StartedApp) -> Void = { _ in }

    /// Runs the apps to their ends; the result is the exit code of the one that runs alone, else 1
    /// if any of them failed.
    ///
    /// The signals were blocked before there was a second thread.
    func run(signals: SignalQueue) throws -> Int32 {
        try PlanConflict.refuse(plans)
        let console = context.console
        var sharing = try RunSharing(plans, context, signals: signals)
        console.say(styled: console.style.bold("portless"))
        let proxy = try ProxyControl(context).ensureRunning()
        let guardian = try context.startGuardian(context, proxy.stateDirectory)
        defer { guardian?.finish() }
        var apps = try registered(under: proxy)
        defer { for index in apps.indices { removeNames(of: &apps[index]) } }
        defer { sharing?.end(apps) }
        try sharing?.begin(apps, guardian)
        let environments = try AppEnvironment(context, proxy: proxy)
        let additions = try additions?(proxy) ?? siblings(apps, proxy)
        let told = try apps.indices.map { index in
            let (app, shared) = (apps[index], sharing?.variables(forApp: index) ?? [:])
            return try environments.applied(
                app.variables(additions, proxy),
                in: app.plan.directory,
            )
            .merging(app.projectVariables(additions, proxy, context)) { $1 }
            .merging(shared) { $1 }
        }
        let announcement = RunAnnouncement(style: console.style, of: proxy)
        let isAlone = naming != nil || turborepo != nil
        let output = isAlone ? nil : try PrefixedOutput(style: console.style)
        var run = ForegroundRun(
            alone: isAlone,
            signals: signals,
            guardian: guardian,
            killTimeout: context.globals.killLimit,
        )
        for app in apps {
            context.adviseOnHost(app.names?.names.own.first, in: app.plan.directory)
        }
        let loader = try turborepo.map { turborepo in
            announcement.say(apps, sharing, on: console)
            return try start(turborepo, &apps, in: &run, environments, told)
        }
        defer { loader?.remove() }
        for index in apps.indices where turborepo == nil {
            var start = start(of: apps[index], told[index])
            if let naming {
                for line in announcement.lines(apps[index], naming, sharing, start: start) {
                    console.say(styled: line)
                }
            }
            do {
                start.outputs = try output?.pipes(for: apps[index].plan.label, index: index)
                defer { start.outputs?.close() }
                let process = try context.startApp(start, &run)
                apps[index].process = process
                record(process, under: apps[index].names)
                whenStarted(
                    StartedApp(apps[index], proxy: proxy, group: ProcessGroup(of: process))
                )
            } catch  where naming == nil {
                // The others still get their chance.
                console.report(error)
                apps[index].end = .exited(Failure.exitCode)
            }
        }
        if !isAlone { announcement.say(apps, sharing, on: console) }
        func indices(of pid: Int32) -> [Int] {
            apps.indices.filter { apps[$0].process?.pid == pid && apps[$0].end == nil }
        }
        var observer = ForegroundRun.Observer()
        observer.watch = { pid in indices(of: pid).compactMap { look(&apps[$0]) }.min() }
        observer.servesInBackground = { pid, left in
            !indices(of: pid).filter { serves(&apps[$0], left) }.isEmpty
        }
        observer.ended = { pid, end in
            for index in indices(of: pid) {
                apps[index].end = end
                if sharing?.index == index { sharing?.end(apps) }
                removeNames(of: &apps[index])
                if !isAlone, end != .exited(0) {
                    console.say("[\(apps[index].plan.label)] exited with code \(end.exitCode)")
                }
            }
        }
        var seen: FileStatus?
        observer.tend = {
            let areBack = restoreNames(of: &apps, on: proxy, seen: &seen)
            sharing?.look(apps, areNamesBack: areBack)
        }
        let end = try run.wait(observer)
        output?.finish()
        if naming != nil { return end.exitCode }
        if turborepo != nil, case .exited(let code) = end { return code }
        let code = summarize(apps)
        return run.forcedEnd?.exitCode ?? code
    }

    // MARK: Names and ports

    /// The apps with their ports, and with their names registered.
    private func registered(under proxy: ProxyDescription) throws -> [RunningApp] {
        let ports = RunPorts(context: context)
        var apps = try plans.map { plan in RunningApp(plan, ports: try ports.labeled(of: plan)) }
        let isFree = try ports.freeForRuns()
        let siblings = Set(plans.compactMap(\.name))
        let wanted = try apps.map { try $0.wantedNames(under: proxy.tlds, siblings: siblings) }
        let named = apps.indices.filter { wanted[$0] != nil }
        let registered = try registered(
            named.map { index in
                let known = apps[index].knownPort.map { NameRegistrar.PortChoice.known($0) }
                return (wanted[index] ?? RouteNames(), known ?? .ephemeral(isFree: isFree))
            }
        )
        for (index, names) in zip(named, registered) {
            apps[index].names = names
            apps[index].port = names.assigned
            let watch = PortWatch(
                assigned: names.assigned,
                others: Set(apps[index].ports?.endpoints.map(\.port) ?? []),
            )
            apps[index].follower = PortFollower(watch, probe: Self.probe)
        }
        HostsSync.warn(of: registered.flatMap(\.names.all), on: proxy, context)
        for name in plans.flatMap({ [$0.name, $0.furtherName] }).compactMap(\.self) {
            context.warnOfLength(of: name, under: proxy.tlds)
        }
        // The names are ours already; the old apps only have to get out of the way.
        let displaced = registered.flatMap(\.displaced)
        DisplacedApps(processes: displaced, context: context).end()
        do {
            for app in apps { try HeldPorts.refuse(app, context) }
            try ports.chooseSpares(for: &apps, isFree: isFree)
            let shared = apps.compactMap { app in
                app.port.flatMap { port in
                    SharedPort.warning(
                        of: app.plan.label,
                        running: app.plan.command,
                        in: CommandFolder(app.plan.directory),
                        port: port,
                    )
                }
            }
            for warning in try ports.warnings(of: apps) + shared { context.console.warn(warning) }
        } catch {
            for index in apps.indices { removeNames(of: &apps[index]) }
            throw error
        }
        return apps
    }

    private func registered(
        _ names: [(names: RouteNames, port: NameRegistrar.PortChoice)]
    ) throws -> [RegisteredNames] {
        for (names, _) in names { try refuseSupervised(names, context) }
        let registrar = try NameRegistrar(context)
        // Several apps are run without flags of their own.
        guard naming != nil else { return try registrar.register(names) }
        return try offeringForce { try registrar.register(names, force: force) }
    }

    private func record(_ process: ChildProcess, under names: RegisteredNames?) {
        do {
            try names?.record(process.identity)
        } catch {
            context.console.report(error)
        }
    }

    private func removeNames(of app: inout RunningApp) {
        guard let names = app.names else { return }
        app.names = nil
        do {
            try names.remove()
        } catch {
            context.console.report(error)
        }
    }

    /// Registers the names again that were lost with the state directory, while a proxy serves there;
    /// true if it did.
    ///
    /// `seen` is the routes file as it was when all names stood there.
    private func restoreNames(
        of apps: inout [RunningApp],
        on proxy: ProxyDescription,
        seen: inout FileStatus?,
    ) -> Bool {
        let status = (try? FileStatus.of(proxy.stateDirectory[.routes])) ?? nil
        guard status == nil || status != seen else { return false }
        let lost = apps.indices.filter { (try? apps[$0].names?.areLost()) == true }
        seen = lost.isEmpty ? status : nil
        // After `portless clean` there is nothing that names would be good for.
        guard !lost.isEmpty, context.isProxy(proxy.port) else { return false }
        do {
            let registrar = try NameRegistrar(context)
            for index in lost {
                apps[index].names = try apps[index].names?.again(by: registrar)
                if let process = apps[index].process { record(process, under: apps[index].names) }
            }
            context.console.say(
                "-- The names were gone from \(proxy.stateDirectory.path); they are back."
            )
            return true
        } catch {
            // Tried again after the pause.
            return false
        }
    }

    private func siblings(_ apps: [RunningApp], _ proxy: ProxyDescription) -> [String: String] {
        var variables = SiblingVariables.variables(
            apps.compactMap { app in app.url(proxy).map { (app.plan.label, $0) } }
        )
        // Most tools drop their colors on a pipe, which the terminal at its end could show.
        if context.console.style.isColored { variables["FORCE_COLOR"] = "1" }
        return variables
    }

    private func look(
        _ app: inout RunningApp,
        and left: Set<ProcessIdentity> = [],
    ) -> Duration? {
        guard let process = app.process, var follower = app.follower else { return nil }
        let open = openPorts(of: app.plan, process, and: left)
        let (pause, change) = follower.look(open, moving: &app.names)
        app.follower = follower
        let subject = subject(app)
        switch change {
        case .moved(let phrase)?:
            context.console.say("-- \(subject) \(phrase); its name leads there.")
        case .listensOnMore(let phrase)?: context.console.say("-- \(subject) \(phrase).")
        case .couldNotMove(_, let error)?: context.console.report(error)
        case nil: break
        }
        return pause
    }

    /// Of what Turborepo has started, the processes in a package's folder are its app's.
    private func openPorts(
        of plan: AppPlan,
        _ process: ChildProcess,
        and left: Set<ProcessIdentity>,
    ) -> Set<Port> {
        guard turborepo != nil else {
            return PortFollower.openPorts(of: process.pid, and: left.map(\.pid))
        }
        return PortFollower.openPorts(of: process.pid) { folder in
            let owner = plans.map(\.directory).filter(folder.starts(with:)).max {
                $0.components.count < $1.components.count
            }
            return owner == plan.directory
        }
    }

    /// Whether what the app's command left in the background serves where its names lead.
    private func serves(_ app: inout RunningApp, _ left: Set<ProcessIdentity>) -> Bool {
        _ = look(&app, and: left)
        guard let port = app.names?.port else { return false }
        let server = left.sorted { $0.pid < $1.pid }.first {
            PortFollower.openPorts(of: $0.pid).contains(port)
        }
        guard let server else { return false }
        if !app.isInBackground {
            app.isInBackground = true
            context.console.say(
                """
                -- \(subject(app)) went into the background as process \(server.pid); this run goes \
                on until it ends, and Ctrl-C ends both.
                """
            )
        }
        return true
    }

    private func subject(_ app: RunningApp) -> String {
        naming == nil ? app.plan.label : "The app"
    }

    // MARK: Processes

    private func start(of app: RunningApp, _ environment: [String: String]) -> AppStart {
        let folder = app.plan.directory
        let isLAN = environment["PORTLESS_LAN"] == "1"
        return AppStart(
            command: app.command(in: CommandFolder(folder), isLAN: isLAN),
            environment: environment,
            folder: folder,
        )
    }

    /// Starts all apps by one command; the result is the file by which they learn their ports.
    private func start(
        _ turborepo: Turborepo,
        _ apps: inout [RunningApp],
        in run: inout ForegroundRun,
        _ shared: AppEnvironment,
        _ told: [[String: String]],
    ) throws -> TurborepoLoader {
        let common = shared.applied(AppEnvironment.Variables(), in: turborepo.folder)
            .merging(shared.trust) { $1 }
        var packages: [FilePath: [String: String]] = [:]
        for (app, environment) in zip(apps, told) where app.port != nil {
            packages[app.plan.directory] = environment.filter { name, value in
                name != "PATH" && context.environment[name] != value
            }
        }
        let loader = try TurborepoLoader(packages, in: context.preparedStateDirectory())
        do {
            let start = turborepo.start(environment: common, loading: loader.path)
            let process = try context.startApp(start, &run)
            for index in apps.indices {
                apps[index].process = process
                record(process, under: apps[index].names)
            }
        } catch {
            loader.remove()
            throw error
        }
        return loader
    }

    /// An app that was ended by a signal has not failed: that is how servers are stopped.
    private func summarize(_ apps: [RunningApp]) -> Int32 {
        let failed = apps.filter { app in
            if case .exited(let code)? = app.end { code != 0 } else { false }
        }
        guard !failed.isEmpty else { return 0 }
        let list = failed.map { "\($0.plan.label) (\($0.end?.exitCode ?? 1))" }
        let apps = failed.count == 1 ? "1 app" : "\(failed.count) apps"
        context.console.say("\(apps) exited with errors: \(list.joined(separator: ", "))")
        return Failure.exitCode
    }
}

/// What is started for an app.
struct AppStart {
    var command: [String]
    var environment: [String: String]
    var folder: FilePath?
    /// Nil for an app that has the terminal to itself.
    var outputs: ForegroundRun.Outputs?

    func start(in run: inout ForegroundRun) throws -> ChildProcess {
        try run.start(
            ShellCommand(command),
            environment: environment,
            workingDirectory: folder,
            outputs: outputs,
        )
    }
}

/// An app that runs, and how it is reached.
struct StartedApp {
    let proxy: ProxyDescription
    /// The first one is the primary name.
    let hostnames: [Hostname]
    /// What its own process leads.
    let group: ProcessGroup

    var url: String { hostnames.first.map(proxy.url) ?? "" }

    fileprivate init(_ app: RunningApp, proxy: ProxyDescription, group: ProcessGroup) {
        self.proxy = proxy
        self.group = group
        hostnames = app.names?.names.own ?? []
    }
}
