import PortlessCore
import Runner
import SystemPackage

extension CommandContext {
    /// How keepers of apps are started: this program in another role.
    func keeperProcess(_ directory: StateDirectory) -> KeeperProcess {
        KeeperProcess(
            executable: executable,
            arguments: [Subcommand.keeper.rawValue],
            environment: environment.merging(["PORTLESS_STATE_DIR": directory.path.string]) { $1 },
        )
    }
}
