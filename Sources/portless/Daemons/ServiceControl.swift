import HostSystem
import Machine
import PortlessCore
import Runner
import SystemPackage

/// The daemons as services of the operating system.
struct ServiceControl {
    let context: CommandContext
    let services: SystemServices

    init(_ context: CommandContext) throws {
        self.context = context
        services = SystemServices(
            environment: context.environment,
            home: try context.homeOfCaller(),
            userID: context.userID,
            runner: context.runner,
        )
    }

    // MARK: What is installed

    /// Those that work on a state directory; another one's are left alone.
    func installed(of directory: StateDirectory) -> [InstalledService] {
        services.allInstalled().filter { service in
            service.stateDirectory.map { $0 == directory.path } ?? false
        }
    }

    // MARK: What is to be installed

    /// The proxy as a service that serves what is asked for.
    func proxy(
        _ request: ProxyRequest,
        _ scope: ServiceJob.Scope,
        program: FilePath,
        in directory: StateDirectory,
    ) throws -> ServiceJob {
        let settings = ProxySettings(request)
        let arguments = ProxyControl.arguments(settings, mayFallBack: false)
        var job = ServiceJob(
            .proxy,
            scope,
            program: program,
            arguments: ["proxy", "start", "--foreground"] + arguments + ["--skip-trust"],
            environment: environment(
                ["PORTLESS_BOOT_WAIT", "PORTLESS_SYNC_HOSTS"],
                in: directory,
            ),
            log: directory[.serviceLog],
        )
        // The npm original's variables; without them a file of the user's could change a setting.
        job.environment["PORTLESS_PORT"] = settings.port.description
        job.environment["PORTLESS_HTTPS"] = settings.usesTLS ? "1" : "0"
        job.environment["PORTLESS_LAN"] = settings.isLAN ? "1" : "0"
        job.environment["PORTLESS_LAN_IP"] = settings.lanAddress
        job.environment["PORTLESS_TLD"] =
            settings.tlds.map(\.description).joined(separator: ",")
        job.environment["PORTLESS_WILDCARD"] = settings.usesWildcards ? "1" : "0"
        guard scope == .system else { return job }
        job.user = try userName()
        job.sockets = sockets(settings)
        return job
    }

    /// The server, which needs no port that takes an administrator.
    func server(program: FilePath, in directory: StateDirectory) throws -> ServiceJob {
        let variables = [
            "PORTLESS_API_PORT", "PORTLESS_API_LOCAL_PORT", "PORTOS_HTTP_PORT", "PORTLESS_TLD",
        ]
        let features = Feature.allCases.flatMap(\.endpoints).compactMap(\.variable)
        return ServiceJob(
            .server,
            .user,
            program: program,
            arguments: ["server", "start", "--foreground"],
            environment: environment(variables + features, in: directory),
            log: directory[.serviceLog],
        )
    }

    /// The program's path for a file that outlives this version.
    func stableProgram() throws -> FilePath {
        guard let installed = OwnExecutable.installedPath,
            let own = try? FileStatus.of(context.executable)
        else {
            throw Failure("The system doesn't tell where this program is.")
        }
        return StableProgram.path(
            called: CommandLine.arguments.first ?? "",
            installed: installed,
            folder: context.workingDirectory,
            searchPath: context.environment["PATH"],
            isSame: { path in
                let other = try? FileStatus.of(path)
                return other?.device == own.device && other?.inode == own.inode
            },
        )
    }

    private func environment(
        _ variables: [String],
        in directory: StateDirectory,
    ) -> [String: String] {
        var result = context.environment.filter { name, value in
            variables.contains(name) && !value.isEmpty
        }
        result["PORTLESS_STATE_DIR"] = directory.path.string
        result["PATH"] = context.environment["PATH"]
        return result
    }

    private func userName() throws -> String? {
        if let user = try SudoUser(context)?.user { return user.name }
        return context.userID == 0 ? nil : User.lookUp(uid: context.userID)?.name
    }

    /// Those that the proxy would open itself.
    private func sockets(_ settings: ProxySettings) -> [ServiceJob.Socket] {
        var addresses: [String] = []
        if !settings.isLAN {
            addresses = ["127.0.0.1"] + (Self.hasIPv6 ? ["::1"] : [])
        }
        let main = ServiceJob.Socket(
            name: settings.usesTLS ? "https" : "http",
            port: settings.port,
            addresses: addresses,
        )
        guard settings.usesTLS, settings.port == 443 else { return [main] }
        return [main, ServiceJob.Socket(name: "http", port: 80, addresses: addresses)]
    }

    private static var hasIPv6: Bool {
        guard let socket = try? LoopbackListeners.listen(.loopbackIPv6, port: 0) else {
            return false
        }
        try? socket.close()
        return true
    }
}

// MARK: Changes

extension ServiceControl {
    /// Whether only root may change the files of the scope.
    func needsRoot(_ scope: ServiceJob.Scope) -> Bool {
        scope == .system && context.userID != 0 && !services.isElsewhere
    }

    /// Installs it and starts it in place of the daemon that runs.
    func install(_ job: ServiceJob) throws {
        let services = services
        try waiting { try await services.awaken(job.scope) }
        _ = try context.preparedStateDirectory()
        let other: ServiceJob.Scope = job.scope == .user ? .system : .user
        if services.installed(job.daemon, other) != nil {
            guard !needsRoot(other), context.userID != 0 || other == .system else {
                throw Failure(
                    "The \(job.daemon.rawValue) already is a service of the \(other.place).",
                    remedy: "Remove that one first: portless service uninstall",
                )
            }
            _ = try waiting { try await services.uninstall(job.daemon, other) }
        }
        _ = try waiting { try await services.uninstall(job.daemon, job.scope) }
        if !services.isElsewhere || job.scope == .user { try stopRunning(job) }
        try waiting { try await services.install(job) }
    }

    private func stopRunning(_ job: ServiceJob) throws {
        switch job.daemon {
        case .proxy:
            _ = try ProxyControl(context).stop()
            for socket in job.sockets.prefix(1) {
                guard let holder = context.holder(socket.port) else { continue }
                throw Failure(
                    "\(holder) listens on port \(socket.port).",
                    remedy: "Stop it, or choose another port with -p.",
                )
            }
        case .server: _ = try ServerControl(context).stop()
        }
    }

    /// Removes a service; false where it isn't installed.
    func uninstall(_ daemon: ServiceJob.Daemon, _ scope: ServiceJob.Scope) throws -> Bool {
        let services = services
        guard services.installed(daemon, scope) != nil else { return false }
        if needsRoot(scope) {
            let words = ["service", "uninstall", daemon.rawValue]
            guard let code = try Elevation(context: context).runAnnounced(words) else {
                throw Failure(
                    "Removing \(services.file(daemon, scope)) takes an administrator.",
                    remedy: "Run: sudo portless service uninstall",
                )
            }
            guard code == 0 else { throw Failure("sudo has not removed the service.") }
            return true
        }
        return try waiting { try await services.uninstall(daemon, scope) }
    }
}

extension ServiceJob.Scope {
    /// The phrase after "a service of the".
    var place: String { self == .user ? "user" : "system" }
}

extension CommandContext {
    /// The home of the user who has called, under sudo too.
    fileprivate func homeOfCaller() throws -> FilePath {
        if let user = try SudoUser(self)?.user { return user.home }
        if let home = environment["HOME"], home.hasPrefix("/") { return FilePath(home) }
        guard let home = homeOfUser(nil) else { throw StateDirectoryError.homeUnknown(user: nil) }
        return home
    }
}
