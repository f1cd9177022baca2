import HostSystem
package import PortlessCore
package import SystemPackage

/// All apps that run in the background, each under its keeper, which lives on without this.
package actor Supervisor {
    /// Starts a keeper on an app's folder and returns once it answers.
    package typealias KeeperLauncher = @Sendable (_ appFolder: FilePath) throws -> Void

    private let directory: StateDirectory
    private let launchKeeper: KeeperLauncher

    package init(directory: StateDirectory, launchKeeper: @escaping KeeperLauncher) {
        self.directory = directory
        self.launchKeeper = launchKeeper
    }

    /// Finds the keepers that run and stays in touch with them until the task is cancelled.
    ///
    /// Keepers that were killed are replaced. No app is ended.
    package func run() async {}

    /// All apps by name, as they are now, with what they use of processor and memory.
    package func apps() -> [SupervisedApp] { [] }

    package func app(_ name: AppName) throws -> SupervisedApp {
        throw SupervisorError.unknownApp(name)
    }

    /// Makes the app's processes those of the plan and starts them, or only those in `only`: what
    /// runs as planned already is left alone, what has another plan is started anew, and what isn't
    /// planned any more is ended.
    ///
    /// Returns once every process was tried to be spawned, not once they listen.
    package func up(
        _ plan: SupervisionPlan,
        only: [String]? = nil,
    ) async throws -> [ProcessOutcome] {
        throw SupervisorError.unknownApp(plan.app)
    }

    /// Starts all processes that don't run, or the one.
    package func start(_ app: AppName, _ process: String? = nil) async throws -> [ProcessOutcome] {
        throw SupervisorError.unknownApp(app)
    }

    /// Ends all processes, or the one, with all that they started; returns when they are gone.
    package func stop(_ app: AppName, _ process: String? = nil) async throws -> [ProcessOutcome] {
        throw SupervisorError.unknownApp(app)
    }

    /// Ends and starts all processes, or the one.
    package func restart(
        _ app: AppName,
        _ process: String? = nil,
    ) async throws -> [ProcessOutcome] {
        throw SupervisorError.unknownApp(app)
    }

    /// Stops an app and forgets it, with its logs.
    package func remove(_ app: AppName) async throws {
        throw SupervisorError.unknownApp(app)
    }

    /// The last lines of a process, or of all of them in the order of time.
    package func logs(
        _ app: AppName,
        _ process: String? = nil,
        last count: Int,
    ) throws -> [LogLine] {
        throw SupervisorError.unknownApp(app)
    }

    /// The last lines and then each new one, without a gap, until the reader stops reading.
    ///
    /// With `after` (a line's `time`), all lines since then that are still kept in place of the
    /// last ones. A reader that doesn't keep up loses its stream: it ends.
    package func follow(
        _ app: AppName,
        _ process: String? = nil,
        last count: Int,
        after: Int64? = nil,
    ) throws -> AsyncStream<LogLine> {
        throw SupervisorError.unknownApp(app)
    }

    /// Every change from now on; a reader that doesn't keep up loses its stream: it ends.
    package func events() -> AsyncStream<SupervisorEvent> {
        AsyncStream { $0.finish() }
    }
}
