import HostSystem
import Machine
import NIOCore
import PortlessCore
import Runner
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
    /// The process that would answer on a port of this machine; nil where none would.
    var answering: @Sendable (Port) -> String?
    /// The ports on which anything listens on this machine.
    var listeningPorts: @Sendable () -> Set<UInt16>
    /// Whether this user may not listen on a port.
    var isPortDenied: @Sendable (UInt16) -> Bool
    /// What the system's resolver makes of a name.
    var addresses: @Sendable (String) -> [IPAddress]
    /// Under which address other computers of the local network reach this one; nil where none is
    /// the obvious one.
    var lanAddress: @Sendable () -> IPAddress?
    /// Who has and who holds which port of a state directory's apps.
    var surveyPorts: @Sendable (StateDirectory, [TLD]) throws -> PortSurvey
    /// Processes that this one didn't start.
    var processes: ProcessControl
    /// Runs the system's tools.
    var runner: any CommandRunner
    /// The proxy of a state directory whose files don't name it any more.
    var lostProxy: @Sendable (StateDirectory) -> LostProxy?
    /// Starts a daemon in the background.
    var startDaemon: @Sendable (DaemonStart, CommandContext, StateDirectory) throws -> Void
    /// Has this program's daemon take the place of the one that serves; returns once it does.
    var replaceDaemon: @Sendable (DaemonKind, StateDirectory) throws -> Void
    /// Starts the process that ends a run's apps if this one dies.
    var startGuardian: @Sendable (CommandContext, StateDirectory) throws -> GuardianLink?
    /// Starts an app of a run in the terminal.
    var startApp: @Sendable (AppStart, inout ForegroundRun) throws -> ChildProcess
    /// Sends a request to the server that runs.
    var ask: @Sendable (APIRequest, APIClient) async throws -> LocalRequest.Answer
}

/// What is known of processes that other programs started, and how they are ended.
struct ProcessControl: Sendable {
    struct Details: Sendable {
        var name: String?
        var command: [String]?
        var folder: FilePath?
    }

    var details: @Sendable (Int32) -> Details
    /// This process and those that it runs in, such as the shell.
    var enclosing: @Sendable () -> Set<Int32>
    /// What a run that is gone has left listening on the port of its route.
    var orphans: @Sendable (RouteEntry) -> [ProcessIdentity]
    var isAlive: @Sendable (ProcessIdentity) -> Bool
    /// With root's rights, where there are any; false where that isn't allowed, or it is gone.
    var send: @Sendable (ProcessIdentity, Signal) -> Bool
    /// The same for all members of the group that a process leads.
    var sendToGroup: @Sendable (ProcessIdentity, Signal) -> Bool
}

extension CommandContext {
    /// The state directory: one that is there, or that can be made.
    func stateDirectory() throws -> StateDirectory {
        let directory = try StateDirectory.resolve(
            environment: environment,
            userID: userID,
            workingDirectory: workingDirectory,
            homeOfUser: homeOfUser,
        )
        if let status = try FileStatus.of(directory.path), !status.isDirectory {
            throw StateDirectoryError.notADirectory(directory.path)
        }
        return directory
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

    /// The proxy that runs, or the one that the next app would start.
    func describeProxy() throws -> ProxyDescription {
        let directory = try stateDirectory()
        return try ProxyDiscovery(
            directory: directory,
            environment: environment,
            // The command that starts the proxy says what is wrong with a file.
            files: proxyRequests(ignoringBrokenFiles: true).files,
            probe: isProxy,
            isListening: isListening,
            // Where a person can allow it, the next start asks for the administrator's password.
            isDenied: { isPortDenied($0.rawValue) && !Elevation(context: self).isPossible },
        ).describe()
    }

    /// Who has and who holds which port now.
    func portSurvey() throws -> PortSurvey {
        try surveyPorts(stateDirectory(), describeProxy().tlds)
    }

    /// The project that the command is called in.
    var project: Project { Project(in: workingDirectory, self) }

    /// This context in another folder; in the same one where it isn't known.
    func moved(to directory: FilePath?) -> CommandContext {
        var context = self
        if let directory { context.workingDirectory = directory }
        return context
    }

    /// Whether there is a person at the terminal who may be asked for a password.
    var mayAsk: Bool {
        environment["CI", default: ""].isEmpty && isInteractive && !isInputRefused
    }

    /// Whether the caller said that no person is to be asked anything.
    var isInputRefused: Bool {
        globals.noInput || ["1", "true"].contains(environment["PORTLESS_NO_INPUT"])
    }

    /// What this program gets in another role, working on the same state directory.
    func environment(for directory: StateDirectory) -> [String: String] {
        environment.merging(["PORTLESS_STATE_DIR": directory.path.string]) { $1 }
    }

    /// A path as the user wrote it.
    func resolve(_ path: String) -> FilePath {
        workingDirectory.pushing(FilePath(path)).lexicallyNormalized()
    }
}
