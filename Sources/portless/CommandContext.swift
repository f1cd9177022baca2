import HostSystem
import Machine
import NIOCore
import PortlessCore
import SystemPackage

/// Everything a command knows of the world outside its arguments, and what it may do to that world.
///
/// Files are read and written by their paths, which all come from the environment and the working
/// directory. All other effects are properties here; a test provides those that it expects.
struct CommandContext: Sendable {
    var console: Console
    var environment: [String: String]
    var workingDirectory: FilePath
    /// This program's own file, for the processes that it starts in another role.
    var executable: FilePath
    var userID: UInt32
    /// Whether standard input is a terminal.
    var isInteractive: Bool
    var globals = GlobalOptions()

    var homeOfUser: @Sendable (String?) -> FilePath?
    /// Asks git for the branch of a worktree, where its files don't tell.
    var askBranch: @Sendable (FilePath) -> String?
    /// Whether a proxy answers on a port, and whether anything does.
    var isProxy: @Sendable (Port) -> Bool
    var isListening: @Sendable (Port) -> Bool
    /// The version of our own proxy that answers on a port.
    var proxyVersion: @Sendable (Port) -> String?
    /// Whether an app could listen on a port.
    var isFree: @Sendable (Port) -> Bool
    /// Who listens on a port, such as `node (812)`.
    var holder: @Sendable (Port) -> String?
    /// The ports on which anything listens on this machine.
    var listeningPorts: @Sendable () -> Set<UInt16>
    /// Whether this user may not listen on a port.
    var isPortDenied: @Sendable (UInt16) -> Bool
    /// What the system's resolver makes of a name.
    var addresses: @Sendable (String) -> [IPAddress]
    /// Runs the system's tools.
    var runner: any CommandRunner
    /// Starts a daemon in the background.
    var startDaemon: @Sendable (DaemonStart, CommandContext, StateDirectory) throws -> Void
    /// Sends a request to the server that runs.
    var ask: @Sendable (APIRequest, APIClient) async throws -> LocalRequest.Answer
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

    /// The project that the command is called in.
    var project: Project { Project(in: workingDirectory, self) }

    /// Whether there is a person at the terminal who may be asked for a password.
    var mayAsk: Bool { environment["CI", default: ""].isEmpty && isInteractive }

    /// A path as the user wrote it.
    func resolve(_ path: String) -> FilePath {
        workingDirectory.pushing(FilePath(path)).lexicallyNormalized()
    }
}
