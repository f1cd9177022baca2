import HostSystem
import Machine
import PortlessCore
import SystemPackage

extension Trust {
    /// The trust stores that a command may change.
    init(of directory: StateDirectory, _ context: CommandContext) throws {
        self.init(
            directory: directory,
            environment: TrustEnvironment(
                environment: context.environment,
                home: try context.homeWithBrowsers(),
                isRoot: context.userID == 0,
            ),
            runner: context.runner,
            mayAsk: context.mayAsk,
        )
    }
}

extension HostsFile {
    /// The hosts file with this state directory's block of names.
    init(of directory: StateDirectory, _ context: CommandContext) {
        self.init(
            path: HostsFile.path(environment: context.environment),
            block: HostsBlock(directory: directory.path, isUsual: context.isUsual(directory)),
        )
    }
}

extension CommandContext {
    /// Whether it is the directory that the original uses, too.
    fileprivate func isUsual(_ directory: StateDirectory) -> Bool {
        var plain = self
        plain.environment["PORTLESS_STATE_DIR"] = nil
        return (try? plain.stateDirectory())?.path == directory.path
    }

    /// The home whose browsers are meant: the invoking user's under sudo.
    fileprivate func homeWithBrowsers() throws -> FilePath {
        if let user = environment["SUDO_USER"], userID == 0, user != "root", !user.isEmpty,
            let home = homeOfUser(user)
        {
            return home
        }
        if let home = environment["HOME"], !home.isEmpty { return FilePath(home) }
        guard let home = homeOfUser(nil) else { throw StateDirectoryError.homeUnknown(user: nil) }
        return home
    }
}
