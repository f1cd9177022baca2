import HostSystem
import PortlessCore
package import SystemPackage

/// The service manager of this machine, systemd or launchd, and our files that it reads.
package struct SystemServices: Sendable {
    package enum Manager: String, Sendable {
        case systemd, launchd
    }

    /// How the manager says a service is.
    package struct State: Hashable, Sendable {
        package var isEnabled = false
        package var isActive = false
        /// Whether the manager listens for the daemon.
        package var isListening = false
    }

    package let manager: Manager
    /// Whether another folder than `/` has the system's files, such as an image that is being built.
    package let isElsewhere: Bool
    private let root: FilePath
    private let home: FilePath
    private let configuration: FilePath
    private let userID: UInt32
    private let runner: any CommandRunner

    /// `PORTLESS_SERVICE_ROOT` names a folder to use in place of `/` for the system's files; the
    /// manager then enables what is there, and starts nothing.
    package init(
        environment: [String: String],
        home: FilePath,
        userID: UInt32,
        runner: any CommandRunner,
    ) {
        func path(_ variable: String) -> FilePath? {
            environment[variable].flatMap { $0.hasPrefix("/") ? FilePath($0) : nil }
        }
        manager = TrustEnvironment.Platform.current == .macOS ? .launchd : .systemd
        let chosen = path("PORTLESS_SERVICE_ROOT")
        root = chosen ?? "/"
        isElsewhere = chosen != nil
        self.home = home
        configuration = path("XDG_CONFIG_HOME") ?? home.appending(".config")
        self.userID = userID
        self.runner = runner
    }

    // MARK: Files

    package func folder(_ scope: ServiceJob.Scope) -> FilePath {
        switch (manager, scope) {
        case (.systemd, .system): root.appending("etc").appending("systemd").appending("system")
        case (.systemd, .user): configuration.appending("systemd").appending("user")
        case (.launchd, .system): root.appending("Library").appending("LaunchDaemons")
        case (.launchd, .user): home.appending("Library").appending("LaunchAgents")
        }
    }

    /// What an installation writes; the service's own file comes first.
    package func files(of job: ServiceJob) throws(ServiceError) -> [ServiceFile] {
        let folder = folder(job.scope)
        switch manager {
        case .systemd:
            return try SystemdUnits.texts(of: job)
                .map { ServiceFile(path: folder.appending($0.name), text: $0.text) }
        case .launchd:
            let path = folder.appending(LaunchdJob.label(job.daemon) + ".plist")
            return [ServiceFile(path: path, text: try LaunchdJob.text(of: job))]
        }
    }

    /// The name by which the manager knows the service.
    package func name(_ daemon: ServiceJob.Daemon) -> String {
        manager == .systemd ? SystemdUnits.service(daemon) : LaunchdJob.label(daemon)
    }

    package func file(_ daemon: ServiceJob.Daemon, _ scope: ServiceJob.Scope) -> FilePath {
        folder(scope).appending(manager == .systemd ? name(daemon) : name(daemon) + ".plist")
    }

    /// The service as its file describes it; nil without a file, or with one of another author.
    package func installed(
        _ daemon: ServiceJob.Daemon,
        _ scope: ServiceJob.Scope,
    ) -> InstalledService? {
        let file = file(daemon, scope)
        guard let text = text(of: file) else { return nil }
        var service = InstalledService(
            daemon: daemon,
            scope: scope,
            file: file,
            command: [],
            environment: [:],
            hasSockets: false,
        )
        switch manager {
        case .systemd:
            let unit = SystemdUnit(parsing: text)
            service.command = unit.command
            service.environment = unit.environment
            service.hasSockets = unit.hasSockets
        case .launchd:
            let list = LaunchdPropertyList(parsing: text)
            service.command = list.command
            service.environment = list.environment
            service.hasSockets = list.hasSockets
        }
        let isOurs = text.contains(SystemdUnits.mark) || text.contains(LaunchdJob.mark)
        // The npm original's has no mark.
        return isOurs || service.arguments != nil ? service : nil
    }

    package func allInstalled() -> [InstalledService] {
        ServiceJob.Daemon.allCases.flatMap { daemon in
            ServiceJob.Scope.allCases.compactMap { installed(daemon, $0) }
        }
    }

    private func text(of file: FilePath) -> String? {
        let bytes = try? AtomicFile.read(file, limit: FileLimit.line)
        return bytes.map { String(decoding: $0, as: UTF8.self) }
    }

    // MARK: Changes

    /// Whether the manager answers; throws why it doesn't.
    package func awaken(_ scope: ServiceJob.Scope) async throws(ServiceError) {
        guard startsServices(in: scope) else { return }
        let question =
            manager == .systemd
            ? control(scope, ["show", "--property=Version"])
            : Command("launchctl", ["print", domain(scope)])
        let result: CommandResult
        do {
            result = try await runner.run(question)
        } catch {
            throw .noManager(manager.rawValue, reason: error.description)
        }
        guard result.isSuccess else {
            throw .noManager(manager.rawValue, reason: result.complaint)
        }
    }

    /// Writes the files in place of those of an earlier installation, and starts the service.
    package func install(_ job: ServiceJob) async throws(ServiceError) {
        let files = try files(of: job)
        let scope = job.scope
        let file = file(job.daemon, scope)
        if (try? FileStatus.of(file, followingLinks: false)) != nil {
            guard installed(job.daemon, scope) != nil else { throw .occupied(file) }
            _ = try await uninstall(job.daemon, scope)
        }
        for file in files {
            try edit(file.path, scope) { () throws(SystemError) in
                for folder in file.path.removingLastComponent().selfAndAncestors.reversed()
                where try FileStatus.of(folder) == nil {
                    _ = try FileSystem.makeDirectory(folder, mode: Self.folderMode)
                }
                try AtomicFile.write(file.text.utf8, to: file.path)
            }
        }
        switch manager {
        case .systemd: try await startUnits(files.compactMap(\.path.lastComponent?.string), scope)
        case .launchd: try await bootstrap(job.daemon, scope)
        }
    }

    private static let folderMode: FilePermissions = [
        .ownerReadWriteExecute, .groupReadExecute, .otherReadExecute,
    ]

    private func startUnits(
        _ units: [String],
        _ scope: ServiceJob.Scope,
    ) async throws(ServiceError) {
        let starts = startsServices(in: scope)
        if starts { try await perform(control(scope, ["daemon-reload"])) }
        try await perform(control(scope, ["enable"] + units))
        guard starts else { return }
        for (index, socket) in units.dropFirst().enumerated() {
            let start = control(scope, ["restart", socket])
            // Where another program has port 80, it keeps it.
            if index == 0 { try await perform(start) } else { _ = try? await runner.run(start) }
        }
        try await perform(control(scope, ["restart", units[0]]))
    }

    private func bootstrap(
        _ daemon: ServiceJob.Daemon,
        _ scope: ServiceJob.Scope,
    ) async throws(ServiceError) {
        guard startsServices(in: scope) else { return }
        let target = "\(domain(scope))/\(name(daemon))"
        let commands = [
            ["bootstrap", domain(scope), file(daemon, scope).string], ["enable", target],
            ["kickstart", "-k", target],
        ]
        for arguments in commands { try await perform(Command("launchctl", arguments)) }
    }

    /// Stops the service and takes its files away; false where there is none.
    package func uninstall(
        _ daemon: ServiceJob.Daemon,
        _ scope: ServiceJob.Scope,
    ) async throws(ServiceError) -> Bool {
        let service = file(daemon, scope)
        let files =
            manager == .systemd
            ? SystemdUnits.all(daemon).map { folder(scope).appending($0) } : [service]
        let present = files.filter { (try? FileStatus.of($0, followingLinks: false)) != nil }
        guard !present.isEmpty else { return false }
        let isForeign = { path in
            path == service
                ? installed(daemon, scope) == nil
                : text(of: path)?.hasPrefix(SystemdUnits.mark) != true
        }
        let ours = present.filter { !isForeign($0) }
        if let file = present.first, ours.isEmpty { throw .occupied(file) }
        // What the manager doesn't know any more is stopped already.
        switch manager {
        case .systemd:
            let units = ours.compactMap(\.lastComponent?.string)
            let stop = startsServices(in: scope) ? ["--now"] : []
            // The sockets first, or the next connection starts the service again.
            _ = try? await runner.run(control(scope, ["disable"] + stop + units.reversed()))
        case .launchd where startsServices(in: scope):
            let bootout = ["bootout", domain(scope), service.string]
            _ = try? await runner.run(Command("launchctl", bootout))
        case .launchd: break
        }
        for file in ours {
            try edit(file, scope) { () throws(SystemError) in try FileSystem.removeFile(file) }
        }
        if manager == .systemd, startsServices(in: scope) {
            for words in [["daemon-reload"], ["reset-failed", name(daemon)]] {
                _ = try? await runner.run(control(scope, words))
            }
        }
        return true
    }

    // MARK: Asking

    package func state(
        of daemon: ServiceJob.Daemon,
        _ scope: ServiceJob.Scope,
    ) async -> State {
        var state = State()
        switch manager {
        case .systemd:
            let service = name(daemon)
            let words =
                startsServices(in: scope)
                ? ["show", "--property=ActiveState", "--property=UnitFileState", service]
                : ["is-enabled", service]
            let lines = await output(of: control(scope, words)).split(separator: "\n")
            state.isActive = lines.contains("ActiveState=active")
            state.isEnabled = lines.contains("UnitFileState=enabled") || lines == ["enabled"]
            if startsServices(in: scope), installed(daemon, scope)?.hasSockets == true {
                let socket = SystemdUnits.all(daemon)[1]
                let question = control(scope, ["show", "--property=ActiveState", socket])
                state.isListening = await output(of: question).hasPrefix("ActiveState=active")
            }
        case .launchd where startsServices(in: scope):
            let target = "\(domain(scope))/\(name(daemon))"
            let text = await output(of: Command("launchctl", ["print", target]))
            state.isEnabled = !text.isEmpty
            state.isActive = text.contains("state = running")
            state.isListening =
                state.isEnabled && installed(daemon, scope)?.hasSockets == true
        case .launchd: break
        }
        return state
    }

    private func output(of command: Command) async -> String {
        guard let result = try? await runner.run(command), result.isSuccess else { return "" }
        return result.output
    }

    // MARK: Commands

    /// The manager of another root's files only enables and disables.
    private func startsServices(in scope: ServiceJob.Scope) -> Bool {
        scope == .user || !isElsewhere
    }

    private func control(_ scope: ServiceJob.Scope, _ words: [String]) -> Command {
        let place =
            switch scope {
            case .user: ["--user"]
            case .system: isElsewhere ? ["--root=\(root)"] : []
            }
        return Command("systemctl", place + words, timeLimit: .seconds(60))
    }

    private func domain(_ scope: ServiceJob.Scope) -> String {
        scope == .system ? "system" : "gui/\(userID)"
    }

    private func perform(_ command: Command) async throws(ServiceError) {
        do {
            try await runner.perform(command)
        } catch {
            throw .failed(command, reason: error.description)
        }
    }

    private func edit(
        _ path: FilePath,
        _ scope: ServiceJob.Scope,
        _ body: () throws(SystemError) -> Void,
    ) throws(ServiceError) {
        do {
            if scope == .system { try Privileges.asRoot(body) } else { try body() }
        } catch {
            let needsRoot = [.permissionDenied, .notPermitted].contains(error.errno)
            throw .cannotChange(path, .init(text: "\(error.errno)", needsRoot: needsRoot))
        }
    }
}
