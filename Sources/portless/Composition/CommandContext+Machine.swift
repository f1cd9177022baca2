import HostSystem
import Machine
import PortlessCore
import SystemPackage

extension CommandContext {
    /// Whether there is a person at the terminal who may be asked for a password.
    var mayAsk: Bool {
        environment["CI", default: ""].isEmpty && isInteractive
    }

    func trust(_ directory: StateDirectory) throws -> Trust {
        Trust(
            directory: directory,
            environment: TrustEnvironment(
                environment: environment,
                home: try home(),
                isRoot: userID == 0,
            ),
            runner: SystemCommandRunner(environment: environment),
            mayAsk: mayAsk,
        )
    }

    func hostsFile(_ directory: StateDirectory) -> HostsFile {
        HostsFile(
            path: HostsFile.path(environment: environment),
            block: HostsBlock(directory: directory.path, isUsual: isUsual(directory)),
        )
    }

    /// Whether it is the directory that the original uses, too.
    private func isUsual(_ directory: StateDirectory) -> Bool {
        var plain = environment
        plain["PORTLESS_STATE_DIR"] = nil
        let usual = try? StateDirectory.resolve(
            environment: plain,
            userID: userID,
            workingDirectory: workingDirectory,
            homeOfUser: homeOfUser,
        )
        return usual?.path == directory.path
    }

    /// The home whose browsers are meant: the invoking user's under sudo.
    private func home() throws -> FilePath {
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
