import HostSystem
import Machine
import PortlessCore
import SystemPackage

/// The `docker` or `podman` command, and what its containers need of this machine.
struct ContainerTool {
    static let variable = "PORTLESS_DOCKER"
    /// A hosts file has to stay readable, and a command line has its limits.
    private static let mostNames = 500

    let context: CommandContext
    /// As the user would call it.
    let name: String
    let path: FilePath

    init(_ context: CommandContext) throws {
        self.context = context
        let chosen = context.environment[Self.variable]?.nilIfEmpty
        let search = context.environment["PATH"]
        for candidate in chosen.map({ [$0] }) ?? ["docker", "podman"] {
            guard let path = ProgramSearch.find(candidate, path: search) else { continue }
            (name, self.path) = (candidate, path)
            return
        }
        throw Failure(
            "There is no \(chosen?.visibleLine ?? "docker or podman") on the PATH.",
            remedy: "Install one of them, or name it in \(Self.variable).",
        )
    }

    /// Starts what is missing, and says what containers need so that the names lead somewhere inside.
    ///
    /// `own` are the names that the containers will have themselves.
    func reach(of own: [AppName]) throws -> ContainerReach {
        let proxy = try ProxyControl(context).ensureRunning()
        let directory = proxy.stateDirectory
        try startWatching(directory)
        let host = try ContainerBridge(context).host(of: ContainerEngine(context), proxy)
        let registered = try AppRegistry(directory: directory).list()
            .compactMap { try? AppName(parsing: $0.name) }
        var names = try context.routes().list().compactMap { Hostname($0.hostname) }
        names += (own + registered).flatMap { (try? $0.hostnames(under: proxy.tlds)) ?? [] }
        var reach = ContainerReach(
            names: Array(Set(names).sorted().prefix(Self.mostNames)),
            host: host,
        )
        guard proxy.usesTLS, !proxy.usesCustomCertificate else { return reach }
        let authority = directory[.caCertificate]
        guard try FileStatus.of(authority) != nil else { return reach }
        reach.authorityFile = authority
        reach.bundleFile = try? CABundle(
            directory: directory,
            systemRoots: SystemRoots.find(),
        ).refresh()
        return reach
    }

    /// The first container that is started this way has containers named, unless that was switched off.
    private func startWatching(_ directory: StateDirectory) throws {
        guard let isOn = ContainerSettings.read(from: directory).isWatching else {
            guard (try? ContainerEngine(context).endpoint()) != nil else { return }
            context.console.say(
                "-- Containers get names from now on. To end that: portless docker watch off"
            )
            return try ContainerEngine(context).watch()
        }
        if isOn { _ = try ServerControl(context).ensureRunning() }
    }

    /// The project as Compose itself reads it.
    func project(_ call: ComposeArguments) throws -> ComposeProject {
        let command = Command(
            path.string,
            ["compose"] + call.flags + ["config", "--format", "json"],
        )
        let result = try waiting { [context] in try await context.runner.run(command) }
        guard result.isSuccess else {
            let reason = result.errorOutput.trimmingBlanks.nilIfEmpty ?? "It says nothing."
            throw Failure("`\(name) compose config` fails: \(reason.visibleLine)")
        }
        guard let json = try? JSONValue(parsing: result.output.utf8),
            let project = ComposeProject(json)
        else {
            throw Failure(
                "What `\(name) compose config` prints is no project.",
                remedy: "Compose 2 is needed: \(name) compose version",
            )
        }
        return project
    }

    /// Writes the file that is laid over the project's own.
    func write(_ override: ComposeOverride, of project: ComposeProject) throws -> FilePath {
        let directory = try context.preparedStateDirectory()
        let folder = directory[.composeOverrides]
        let isNew = try FileSystem.makeDirectory(folder, mode: .ownerReadWriteExecute)
        if isNew, let owner = directory.owner { try FileSystem.setOwner(owner, of: folder) }
        let name = DNSLabel.sanitized(project.name).nilIfEmpty ?? "project"
        let file = folder.appending("\(name).yaml")
        try directory.write(override.text, to: file)
        return file
    }

    /// Becomes the tool, which has the terminal and whose exit code counts.
    func replaceThisProcess(_ arguments: [String]) throws -> Never {
        var spawn = Spawn(
            executable: path,
            arguments: arguments,
            environment: context.environment,
        )
        spawn.name = name
        spawn.keepsIgnoredSignals = true
        try spawn.replaceThisProcess()
    }
}
