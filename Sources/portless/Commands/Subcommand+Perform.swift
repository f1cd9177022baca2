import ArgumentParser

extension Subcommand {
    func perform(_ arguments: [String], _ context: CommandContext) throws -> Int32 {
        switch self {
        case .list: try ListCommand.perform(arguments, context)
        case .get: try GetCommand.perform(arguments, context)
        case .alias: try AliasCommand.perform(arguments, context)
        case .proxy: try performProxy(arguments, context)
        case .demo: try DemoCommand.perform(arguments, context)
        case .demoApp: try DemoAppCommand.perform(arguments, context)
        case .guardian: try GuardianCommand.perform(arguments, context)
        case .up: try UpCommand.perform(arguments, context)
        case .down: try DownCommand.perform(arguments, context)
        case .restart: try RestartCommand.perform(arguments, context)
        case .ps: try PsCommand.perform(arguments, context)
        case .logs: try LogsCommand.perform(arguments, context)
        case .keeper: try KeeperCommand.perform(arguments, context)
        case .trust: try TrustCommand.perform(arguments, context)
        case .untrust: try UntrustCommand.perform(arguments, context)
        case .hosts: try performHosts(arguments, context)
        case .prune: try PruneCommand.perform(arguments, context)
        case .open: try OpenCommand.perform(arguments, context)
        case .clean: try CleanCommand.perform(arguments, context)
        case .ports: try PortsSubcommand.perform(arguments, context)
        case .apps: try AppsSubcommand.perform(arguments, context)
        case .server: try performServer(arguments, context)
        case .dashboard: try DashboardCommand.perform(arguments, context)
        case .doctor: try DoctorCommand.perform(arguments, context)
        case .service: try performService(arguments, context)
        }
    }

    private func performService(_ arguments: [String], _ context: CommandContext) throws -> Int32 {
        switch arguments.first {
        case nil, "--help", "-h":
            context.console.print(Help.service)
            return 0
        case "install", "uninstall", "status":
            throw Failure(
                "`portless service` is not in this version yet.",
                remedy: "Without it the proxy starts when the first app runs.",
            )
        case let word?:
            throw Failure.unexpected(word, command: "service")
        }
    }

    private func performHosts(_ arguments: [String], _ context: CommandContext) throws -> Int32 {
        let rest = Array(arguments.dropFirst())
        switch arguments.first {
        case "sync": return try HostsSyncCommand.perform(rest, context)
        case "clean": return try HostsCleanCommand.perform(rest, context)
        case nil, "--help", "-h":
            context.console.print(Help.hosts)
            return 0
        case let word?:
            throw Failure(
                "Unknown hosts subcommand \"\(word)\".",
                remedy: "There are: portless hosts sync, portless hosts clean",
            )
        }
    }

    private func performServer(_ arguments: [String], _ context: CommandContext) throws -> Int32 {
        let rest = Array(arguments.dropFirst())
        switch arguments.first.flatMap(ServerGrammar.Word.init) {
        case .start: return try ServerStartCommand.perform(rest, context)
        case .stop: return try ServerStopCommand.perform(rest, context)
        case .status: return try ServerStatusCommand.perform(rest, context)
        case .cert: return try ServerCertCommand.perform(rest, context)
        case nil:
            context.console.print(Help.server)
            return 0
        }
    }

    private func performProxy(_ arguments: [String], _ context: CommandContext) throws -> Int32 {
        let rest = Array(arguments.dropFirst())
        switch arguments.first {
        case "start": return try ProxyStartCommand.perform(rest, context)
        case "stop": return try ProxyStopCommand.perform(rest, context)
        case "restart": return try ProxyRestartCommand.perform(rest, context)
        case nil, "--help", "-h":
            context.console.print(Help.proxy)
            return 0
        case let word?:
            throw Failure.unexpected(word, command: "proxy")
        }
    }
}
