import HostSystem
import PortlessCore
import SystemPackage

/// Everything a command knows of the world outside its arguments.
struct CommandContext: Sendable {
    var console: Console
    var environment: [String: String]
    var workingDirectory: FilePath
    /// This program's own file, for the processes that it starts in another role.
    var executable: FilePath
    var userID: UInt32
    var homeOfUser: @Sendable (String?) -> FilePath?
    /// Whether standard input is a terminal.
    var isInteractive: Bool
    /// Asks git for the branch of a worktree, where its files don't tell.
    var askBranch: @Sendable (FilePath) -> String?
    /// Whether a proxy answers on a port, and whether anything does.
    var isProxy: @Sendable (Port) -> Bool
    var isListening: @Sendable (Port) -> Bool
    /// The version of our own proxy that answers on a port.
    var proxyVersion: @Sendable (Port) -> String? = { _ in nil }
    /// Whether an app could listen on a port.
    var isFree: @Sendable (Port) -> Bool
    var globals = GlobalOptions()
}

extension CommandContext {
    func stateDirectory() throws -> StateDirectory {
        try StateDirectory.resolve(
            environment: environment,
            userID: userID,
            workingDirectory: workingDirectory,
            homeOfUser: homeOfUser,
        )
    }

    /// The state directory, made if it isn't there.
    func preparedStateDirectory() throws -> StateDirectory {
        let directory = try stateDirectory()
        try directory.create(userID: userID)
        return directory
    }

    func routes() throws -> RoutesStore {
        RoutesStore(directory: try preparedStateDirectory())
    }

    /// The proxy that runs, or the one that would be started.
    func describeProxy() throws -> ProxyDescription {
        let directory = try stateDirectory()
        return try ProxyDiscovery(
            directory: directory,
            environment: environment,
            probe: isProxy,
            isListening: isListening,
        ).describe()
    }

    /// What names get in front in a linked git worktree.
    var worktreePrefix: String? {
        GitRepository.worktreePrefix(in: workingDirectory, askBranch: askBranch)
    }

    /// A path as the user wrote it.
    func resolve(_ path: String) -> FilePath {
        workingDirectory.pushing(FilePath(path)).lexicallyNormalized()
    }
}
