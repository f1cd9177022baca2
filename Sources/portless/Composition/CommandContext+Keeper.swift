import PortlessCore
import Runner
import SystemPackage

extension CommandContext {
    /// Registers names for as long as this process lives, in the hosts file, too.
    func nameRegistrar() throws -> NameRegistrar {
        let routes = try routes()
        return NameRegistrar(routes) {
            HostsSync(context: self, directory: routes.directory).refresh()
        }
    }

    /// How keepers of apps are started: this program in another role.
    func keeperProcess(_ directory: StateDirectory) -> KeeperProcess {
        KeeperProcess(
            executable: executable,
            arguments: [KeeperCommand.word],
            environment: environment.merging(["PORTLESS_STATE_DIR": directory.path.string]) { $1 },
        )
    }
}
