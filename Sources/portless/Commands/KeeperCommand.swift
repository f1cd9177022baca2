import ArgumentParser
import PortlessCore
import Runner
import SystemPackage

/// The process that keeps one app's processes; started by ourselves only.
struct KeeperCommand: ContextCommand {
    static let word = "__keeper"
    static let configuration = CommandConfiguration(commandName: word, shouldDisplay: false)

    @Argument var folder: String

    func run(_ context: CommandContext) throws {
        try Keeper.run(
            KeeperFolder(FilePath(folder)),
            registrar: try NameRegistrar(context),
            version: Portless.version,
        )
    }
}

extension KeeperProcess {
    /// How keepers of apps are started: this program in another role.
    init(of directory: StateDirectory, _ context: CommandContext) {
        self.init(
            executable: context.executable,
            arguments: [KeeperCommand.word],
            environment: context.environment(for: directory),
        )
    }
}
