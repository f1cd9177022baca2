import HostSystem
import Machine
import PortlessCore
import Runner
import SystemPackage

/// One app in the foreground behind its names, from the registration to the app's own end.
struct AppRun {
    private static let displacedGrace = Duration.seconds(5)
    private static let pause = Duration.milliseconds(10)

    let context: CommandContext
    let naming: AppNaming
    let force: Bool
    let fixedPort: Port?
    let command: [String]
    /// Variables that only this app gets.
    var additions: (ProxyDescription) throws -> [String: String] = { _ in [:] }
    /// Called once the app runs and its names lead to it.
    var whenStarted: (StartedApp) -> Void = { _ in }

    /// Runs the app to its end; the result is its exit code.
    ///
    /// The signals were blocked before there was a second thread.
    func run(signals: SignalQueue) throws -> Int32 {
        let proxy = try ensureProxy()
        let hostnames = try naming.name.hostnames(under: proxy.tlds)
        let routes = try context.routes()
        let owner = Route.Owner.process(.current)
        let guardian = try Guardian.spawn(
            name: "portless",
            arguments: [Subcommand.guardian.rawValue],
            environment: context.environment.merging([
                "PORTLESS_STATE_DIR": routes.directory.path.string
            ]) { $1 },
        )
        defer { guardian.finish() }
        let port = try register(hostnames, owner, routes)
        defer { remove(hostnames, owner, routes) }
        HostsSync(context: context, directory: routes.directory).refresh()
        let environment = try environment(proxy, hostnames, port)
        announce(proxy, hostnames, port, environment)
        var run = try ForegroundRun(
            ShellCommand(command),
            environment: environment,
            workingDirectory: context.workingDirectory,
            signals: signals,
            guardian: guardian,
        )
        whenStarted(
            StartedApp(proxy: proxy, hostnames: hostnames, port: port, processID: run.processID)
        )
        var follower = PortFollower(
            processID: run.processID,
            assigned: port,
            hostnames: hostnames,
            owner: owner,
            routes: routes,
            console: context.console,
        )
        return try run.wait(watch: { follower.look() }).exitCode
    }

    private func ensureProxy() throws -> ProxyDescription {
        switch try ProxyLauncher(context: context).ensureRunning() {
        case .alreadyRunning(let proxy):
            return proxy
        case .started(let proxy):
            let name = proxy.usesTLS ? "HTTPS/2" : "HTTP"
            context.console.say("-- \(name) proxy started on port \(proxy.port)")
            if proxy.port == ProxySettings.fallbackPort,
                try ProxyRequest(environment: context.environment).port == nil
            {
                context.console.say(
                    "-- For URLs without a port: sudo portless proxy start, once after each boot"
                )
            }
            return proxy
        }
    }

    private func register(
        _ hostnames: [Hostname],
        _ owner: Route.Owner,
        _ routes: RoutesStore,
    ) throws -> Port {
        let registration =
            if let fixedPort {
                try routes.register(
                    hostnames,
                    owner: owner,
                    force: force,
                    choosingPort: { _ in fixedPort },
                )
            } else {
                try routes.registerOnEphemeralPort(
                    hostnames,
                    owner: owner,
                    force: force,
                    isFree: context.isFree,
                )
            }
        // The name is ours already; the old app only has to get out of the way.
        for process in registration.displaced { process.send(.terminate) }
        let end = ContinuousClock.now + Self.displacedGrace
        while registration.displaced.contains(where: \.isAlive), ContinuousClock.now < end {
            SystemClock.sleep(for: Self.pause)
        }
        if !registration.displaced.isEmpty {
            let pids = registration.displaced.map { String($0.pid) }.joined(separator: ", ")
            context.console.say("Killed existing process(es): \(pids)")
        }
        return registration.port
    }

    private func remove(_ hostnames: [Hostname], _ owner: Route.Owner, _ routes: RoutesStore) {
        do {
            try routes.remove(hostnames, ownedBy: owner)
        } catch {
            context.console.report(error)
        }
        HostsSync(context: context, directory: routes.directory).refresh()
    }

    private func environment(
        _ proxy: ProxyDescription,
        _ hostnames: [Hostname],
        _ port: Port,
    ) throws -> [String: String] {
        var environment = ChildEnvironment(
            port: port,
            url: hostnames.first.map(proxy.url) ?? "",
            topLevelDomains: proxy.tlds.map(\.description),
        )
        environment.defaults = try additions(proxy).merging(trustVariables(proxy)) { $1 }
        return environment.applied(to: context.environmentWithLocalPrograms)
    }

    /// What makes the app's runtime trust the names of its siblings.
    private func trustVariables(_ proxy: ProxyDescription) throws -> [String: String] {
        guard proxy.usesTLS, !proxy.usesCustomCertificate else { return [:] }
        let bundle = try SystemRoots.find().map { roots in
            try CABundle(directory: proxy.stateDirectory, systemRoots: roots).refresh()
        }
        return RuntimeVariables.additions(
            ca: proxy.stateDirectory.caCertificate,
            bundle: bundle,
            environment: context.environment,
        )
    }

    private func announce(
        _ proxy: ProxyDescription,
        _ hostnames: [Hostname],
        _ port: Port,
        _ environment: [String: String],
    ) {
        let console = context.console
        console.say(console.style.bold("portless"))
        for line in naming.lines { console.say(console.style.dim(line)) }
        console.say(
            console.style.dim("-- Using port \(port)" + (fixedPort == nil ? "" : " (fixed)"))
        )
        for (index, hostname) in hostnames.enumerated() {
            let url = proxy.url(for: hostname)
            console.say(index == 0 ? "  -> \(console.style.bold(url))" : "  also -> \(url)")
        }
        let shown = ["PORT", "HOST", "PORTLESS_URL"].compactMap { name in
            environment[name].map { "\(name)=\($0)" }
        }
        console.say(
            console.style.dim("Running: " + (shown + command).joined(separator: " "))
        )
    }
}
