import HostSystem
import SystemPackage

/// The user who called this program through sudo.
///
/// Root does what only root can, and nothing else: files are handled as the user, and the proxy, the
/// server and its apps run as the user.
struct SudoUser {
    let user: User

    /// Nil unless this is root by way of sudo: root itself, as in a container, stays what it is.
    init?(_ context: CommandContext) throws {
        guard context.userID == 0, let number = context.environment["SUDO_UID"], number != "0"
        else { return nil }
        guard let uid = UInt32(number), let user = User.lookUp(uid: uid) else {
            throw Failure(
                "User \(number), who runs sudo, is unknown on this machine.",
                remedy: "Run portless without sudo; the proxy then listens on port 1355.",
            )
        }
        self.user = user
    }

    /// Handles files as the user who called sudo from now on: the first thing that this process does.
    ///
    /// Nothing where this is no root, or root itself.
    static func handleFilesAsUser(_ context: CommandContext) throws {
        guard let user = try SudoUser(context)?.user else { return }
        try Privileges.handleFiles(asUser: user.uid, gid: user.gid, groups: user.groups)
        do {
            _ = try FileStatus.of(context.workingDirectory.appending("portless.json"))
        } catch {
            throw Failure(
                """
                \(context.workingDirectory) can't be entered by \(user.name), as whom portless \
                handles files under sudo.
                """,
                remedy: "Call it from another folder, or without sudo.",
            )
        }
    }

    /// Runs this program again as the user, for good, with the sockets that only root could open.
    ///
    /// Nothing but the sockets has been touched as root: files are the user's own from here on.
    func handBack(_ context: CommandContext, sockets: ProxySockets? = nil) throws -> Never {
        var program = Spawn(
            executable: context.executable,
            arguments: Array(CommandLine.arguments.dropFirst()),
            environment: environment(context.environment),
        )
        program.name = "portless"
        program.passedListeners = sockets?.all ?? []
        program.keepsIgnoredSignals = true
        try Privileges.drop(to: user)
        try program.replaceThisProcess()
    }

    /// Does what root is good for, and goes on as the user: apps in the background never run as root.
    static func runInBackgroundAsUser(_ context: CommandContext) throws {
        guard let sudoUser = try SudoUser(context) else { return }
        _ = try ProxyControl(context).ensureRunning()
        context.console.say(
            "-- Apps in the background run as \(sudoUser.user.name), not as root."
        )
        try sudoUser.handBack(context)
    }

    /// The user's own environment again, as far as sudo has left any of it.
    func environment(_ environment: [String: String]) -> [String: String] {
        var result = environment.filter { !$0.key.hasPrefix("SUDO_") && $0.key != "MAIL" }
        // Some configurations keep HOME, others set it to root's: see `StateDirectory.resolve`.
        if ["", "/root", "/var/root"].contains(environment["HOME", default: ""]) {
            result["HOME"] = user.home.string
        }
        result["USER"] = user.name
        result["LOGNAME"] = user.name
        return result
    }
}
