import HostSystem
package import SystemPackage

extension StateDirectory {
    /// The folder for a process with this environment, the same with and without sudo.
    ///
    /// `homeOfUser` is asked for the home of the named user, or of the process's own with nil.
    package static func resolve(
        environment: [String: String],
        userID: UInt32,
        workingDirectory: FilePath,
        homeOfUser: (String?) -> FilePath?,
    ) throws(StateDirectoryError) -> StateDirectory {
        let owner = userID == 0 ? sudoOwner(environment) : nil
        if let chosen = environment["PORTLESS_STATE_DIR"], !chosen.isEmpty {
            let path = workingDirectory.pushing(FilePath(chosen)).lexicallyNormalized()
            return StateDirectory(path: path, owner: owner)
        }
        let home = try home(environment: environment, homeOfUser: homeOfUser)
        return StateDirectory(path: home.appending(".portless"), owner: owner)
    }

    /// The user who runs this through sudo, if any.
    private static func sudoOwner(_ environment: [String: String]) -> FileOwner? {
        guard let uid = environment["SUDO_UID"].flatMap(UInt32.init), uid != 0 else { return nil }
        return FileOwner(uid: uid, gid: environment["SUDO_GID"].flatMap(UInt32.init) ?? uid)
    }

    private static func home(
        environment: [String: String],
        homeOfUser: (String?) -> FilePath?,
    ) throws(StateDirectoryError) -> FilePath {
        let home = environment["HOME"].flatMap { $0.isEmpty ? nil : FilePath($0) }
        guard let sudoUser = environment["SUDO_USER"], !sudoUser.isEmpty, sudoUser != "root" else {
            if let home = home ?? homeOfUser(nil) { return home }
            throw .homeUnknown(user: nil)
        }
        // Some sudo configurations keep HOME, others set it to root's.
        if let home, home != "/root", home != "/var/root" { return home }
        if let home = homeOfUser(sudoUser) { return home }
        throw .homeUnknown(user: sudoUser)
    }
}
