import ArgumentParser

/// The root of all commands; ``Invocation`` decides whether one of them is called, or an app is run.
struct PortlessCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "portless",
        abstract: "Names in place of ports for everything you run on this machine.",
        subcommands: [
            ListCommand.self, GetCommand.self, OpenCommand.self, AliasCommand.self,
            ShareCommand.self, QRCommand.self, DemoCommand.self, PortsCommand.self,
            AppsCommand.self,
            UpCommand.self, DownCommand.self, RestartCommand.self, PsCommand.self,
            WaitCommand.self, LogsCommand.self, CrashesCommand.self, JobsCommand.self,
            WorktreesCommand.self, EnvCommand.self, TrafficCommand.self, BrowserCommands.self,
            RemoteCommand.self,
            ServerCommands.self, DashboardCommand.self,
            ProxyCommands.self, ServiceCommands.self, TrustCommand.self, UntrustCommand.self,
            HostsCommands.self, DNSCommands.self, DockerCommands.self, ConfigCommands.self,
            PruneCommand.self, DoctorCommand.self,
            MCPCommand.self, AgentsCommand.self, CleanCommand.self,
            GuardianCommand.self, KeeperCommand.self, DemoAppCommand.self, MDNSCommand.self,
            CompletionsCommand.self, CompleteCommand.self, ManualCommand.self,
        ],
    )

    /// The words of the commands that help shows.
    static var shownNames: [String] {
        configuration.subcommands.filter { $0.configuration.shouldDisplay }
            .map { $0._commandName }
    }
}

/// A command whose effects go through the context that it is given.
protocol ContextCommand: ParsableCommand {
    mutating func run(_ context: CommandContext) throws
}

/// A command that takes the names of apps and of processes.
///
/// `portless up shop blog` is one, and `portless up node server.js` runs an app called up.
protocol NamesApps: ContextCommand {
    var names: [String] { get }
}

/// The commands about the proxy.
struct ProxyCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "proxy",
        abstract: "Start, stop or restart the proxy that leads names to apps.",
        discussion: "The proxy starts by itself when the first app runs.",
        subcommands: [ProxyStartCommand.self, ProxyStopCommand.self, ProxyRestartCommand.self],
    )
}

/// The commands about the server.
struct ServerCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "server",
        abstract: "Start or stop the server, which has the API and runs apps in the background.",
        discussion: """
            It listens on loopback, on port 5555 or PORTLESS_API_PORT. While it speaks HTTPS there, \
            port 5553 or PORTLESS_API_LOCAL_PORT answers plain HTTP, on loopback only.
            """,
        subcommands: [
            ServerStartCommand.self, ServerStopCommand.self, ServerStatusCommand.self,
            ServerCertCommand.self,
        ],
    )
}

/// The commands about services of the operating system.
struct ServiceCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "service",
        abstract: "Let the operating system start the proxy or the server, or end that.",
        discussion: "Without it the proxy starts when the first app runs.",
        subcommands: [
            ServiceInstallCommand.self, ServiceUninstallCommand.self, ServiceStatusCommand.self,
        ],
    )
}

/// The commands about the hosts file.
struct HostsCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hosts",
        abstract: "Put the names into the hosts file, or remove them.",
        discussion: """
            For programs that don't know that *.localhost is this machine. Nothing else in the file \
            is touched; PORTLESS_HOSTS_FILE names another one than the system's.
            """,
        subcommands: [HostsSyncCommand.self, HostsCleanCommand.self],
    )
}

/// The commands about DNS.
struct DNSCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dns",
        abstract: "Let every program find the names by DNS, or end that.",
        subcommands: [DNSInstallCommand.self, DNSUninstallCommand.self, DNSStatusCommand.self],
    )
}

/// The commands about containers.
struct DockerCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "docker",
        abstract: "Names for containers, and containers that find the names.",
        subcommands: [
            DockerWatchCommand.self, DockerRunCommand.self, DockerComposeCommand.self,
            DockerBridgeCommand.self,
        ],
    )
}
