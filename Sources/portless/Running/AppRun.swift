import HostSystem
import PortlessCore
import Projects
import Runner
import SystemPackage

/// One app in the foreground behind its names, from the registration to the app's own end.
struct AppRun {
    let context: CommandContext
    let naming: AppNaming
    let force: Bool
    let fixedPort: Port?
    /// The labels that the project's configuration wants ports for.
    var configuredPorts: [ConfiguredPort] = []
    let command: [String]
    /// Variables that only this app gets.
    var additions: (ProxyDescription) throws -> [String: String] = { _ in [:] }
    /// Called once the app runs and its names lead to it.
    var whenStarted: (StartedApp) -> Void = { _ in }

    /// Runs the app to its end; the result is its exit code.
    ///
    /// The signals were blocked before there was a second thread.
    func run(signals: SignalQueue) throws -> Int32 {
        context.console.say(styled: context.console.style.bold("portless"))
        let proxy = try context.ensuredProxy()
        let hostnames = try naming.name.hostnames(under: proxy.tlds)
        let ports = try context.appPorts(naming.question(configuredPorts))?.fixing(fixedPort)
        let labels = try LabelNames.labels(of: naming.name, ports: ports, tlds: proxy.tlds)
        let routes = try context.routes()
        let owner = Route.Owner.process(.current)
        let guardian = try Guardian.spawn(
            name: "portless",
            arguments: [GuardianCommand.word],
            environment: context.environment.merging([
                "PORTLESS_STATE_DIR": routes.directory.path.string
            ]) { $1 },
        )
        defer { guardian.finish() }
        let (port, missing) = try register(hostnames, labels, ports, owner, routes)
        let names = labels.filter { !missing.contains($0.hostname) }
        defer { remove(hostnames + names.map(\.hostname), owner, routes) }
        HostsSync(context: context, directory: routes.directory).refresh()
        let environment = try AppEnvironment(context: context, proxy: proxy).variables(
            port: port,
            url: hostnames.first.map(proxy.url) ?? "",
            directory: context.workingDirectory,
            labeled: ports?.environment ?? [:],
            additions: try additions(proxy),
        )
        let command = FlagInjection(port: port).applied(to: command) { script in
            PackageManifest(in: context.workingDirectory)?.script(script)
        }
        announce(proxy, hostnames, port, environment, command)
        tell(names, missing, ports, proxy)
        var run = try ForegroundRun(
            ShellCommand(command),
            environment: environment,
            workingDirectory: context.workingDirectory,
            signals: signals,
            guardian: guardian,
        )
        whenStarted(
            StartedApp(proxy: proxy, hostnames: hostnames, port: port, group: run.group)
        )
        var follower = PortFollower(
            processID: run.processID,
            assigned: port,
            hostnames: hostnames + names.filter { $0.port == port }.map(\.hostname),
            others: Set(ports?.endpoints.map(\.port) ?? []),
            owner: owner,
            routes: routes,
            console: context.console,
        )
        return try run.wait(watch: { follower.look() }).exitCode
    }

    private func register(
        _ hostnames: [Hostname],
        _ labels: [RouteLabel],
        _ ports: AppPorts?,
        _ owner: Route.Owner,
        _ routes: RoutesStore,
    ) throws -> (port: Port, missing: [Hostname]) {
        let registration =
            if let known = fixedPort ?? ports?.primary?.port {
                try routes.register(
                    hostnames,
                    owner: owner,
                    labels: labels,
                    force: force,
                    choosingPort: { _ in known },
                )
            } else {
                try routes.registerOnEphemeralPort(
                    hostnames,
                    owner: owner,
                    labels: labels,
                    force: force,
                    isFree: try context.freeForRuns(),
                )
            }
        // The name is ours already; the old app only has to get out of the way.
        DisplacedApps(processes: registration.displaced, console: context.console).end()
        let leased = LeasedPorts.warnings(
            of: ports,
            fixed: fixedPort,
            app: naming.name,
            leases: try LeaseStore(directory: routes.directory).list(),
        )
        for warning in leased + TakenPorts.warnings(of: ports, isFree: context.isFree) {
            context.console.warn(warning)
        }
        return (registration.port, registration.missing)
    }

    private func tell(
        _ names: [RouteLabel],
        _ missing: [Hostname],
        _ ports: AppPorts?,
        _ proxy: ProxyDescription,
    ) {
        let console = context.console
        for hostname in missing { console.warn(LabelNames.warning(hostname)) }
        guard let ports, ports.areLabelsNamed else { return }
        for endpoint in ports.endpoints {
            let name = names.first { $0.label == endpoint.label }
            let url = name.map { proxy.url(for: $0.hostname) } ?? "port \(endpoint.port)"
            console.say("  \(endpoint.label):\(endpoint.port) -> \(url)")
        }
    }

    private func remove(_ hostnames: [Hostname], _ owner: Route.Owner, _ routes: RoutesStore) {
        do {
            try routes.remove(hostnames, ownedBy: owner)
        } catch {
            context.console.report(error)
        }
        HostsSync(context: context, directory: routes.directory).refresh()
    }

    private func announce(
        _ proxy: ProxyDescription,
        _ hostnames: [Hostname],
        _ port: Port,
        _ environment: [String: String],
        _ command: [String],
    ) {
        let console = context.console
        let names = hostnames.map(\.description).joined(separator: ", ")
        console.say(styled: console.style.dim("-- \(names) (auto-resolves to 127.0.0.1)"))
        for line in naming.lines { console.say(styled: console.style.dim(line)) }
        console.say(
            styled: console.style.dim(
                "-- Using port \(port)" + (fixedPort == nil ? "" : " (fixed)")
            )
        )
        for (index, hostname) in hostnames.enumerated() {
            let url = proxy.url(for: hostname)
            console.say(
                styled: index == 0 ? "  -> \(console.style.bold(url))" : "  also -> \(url)"
            )
        }
        var shown = ["PORT", "HOST", "PORTLESS_URL"].compactMap { name in
            environment[name].map { "\(name)=\($0)" }
        }
        if let file = environment["NODE_EXTRA_CA_CERTS"] {
            shown.append("NODE_EXTRA_CA_CERTS=\"\(file)\"")
        }
        console.say(
            styled: console.style.dim("Running: " + (shown + command).joined(separator: " "))
        )
    }
}
