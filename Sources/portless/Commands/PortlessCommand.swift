import ArgumentParser

/// The root of all commands; ``Invocation`` decides whether one of them is called, or an app is run.
struct PortlessCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "portless",
        abstract: "Names in place of ports for everything you run on this machine.",
        subcommands: [
            ListCommand.self, GetCommand.self, OpenCommand.self, AliasCommand.self,
            DemoCommand.self, PortsCommand.self, AppsCommand.self,
            UpCommand.self, DownCommand.self, RestartCommand.self, PsCommand.self,
            LogsCommand.self, ServerCommands.self, DashboardCommand.self,
            ProxyCommands.self, ServiceCommand.self, TrustCommand.self, UntrustCommand.self,
            HostsCommands.self, PruneCommand.self, DoctorCommand.self, CleanCommand.self,
            GuardianCommand.self, KeeperCommand.self, DemoAppCommand.self,
        ],
    )
}
