import ArgumentParser
import PortlessCore
import Runner
import SystemPackage

/// The process that keeps one app's processes; started by ourselves only.
struct KeeperCommand: ContextCommand {
    static let configuration = CommandConfiguration(shouldDisplay: false)

    @Argument var folder: String

    func run(_ context: CommandContext) throws {
        let directory = try context.preparedStateDirectory()
        let services = KeeperServices.live(directory, version: Portless.version) {
            HostsSync(context: context, directory: directory).refresh()
        }
        try Keeper.run(
            KeeperFolder(FilePath(folder)),
            services: services,
            whenReady: KeeperProcess.sayReady,
        )
    }
}
