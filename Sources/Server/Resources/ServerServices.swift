package import HostSystem
package import Machine
package import PortlessCore
package import Projects
package import Runner
import Synchronization
package import SystemPackage

/// The services that the API works with; the ones that are composed outside are closures.
package struct ServerServices: Sendable {
    package var directory: StateDirectory
    package var supervisor: any AppSupervision
    /// Whether a port is free, on both loopback families.
    package var isFree: @Sendable (Port) -> Bool
    /// The proxy that names go through.
    package var proxy: @Sendable () throws -> ProxyDescription
    /// Runs Tailscale's tool.
    package var runner: any CommandRunner
    /// Detects the declarations in a folder's files, which may take a while.
    package var detect: @Sendable (FilePath) -> DetectedProject
    /// What `doctor` finds, which may take seconds.
    package var examine: @Sendable () throws -> DoctorReport
    /// Which processes hold a port, and whether they may be ended.
    package var holders: @Sendable (Port) throws -> HeldPort
    /// Ends them, and throws what stands in the way.
    package var end: @Sendable (HeldPort) throws -> PortEnding
    /// Sends a request through the proxy.
    package var replay: @Sendable (ReplayRequest) async throws -> ReplayAnswer
    /// How the managed browser is started.
    package var browser = BrowserStart()
    /// The server's own environment.
    package var environment: [String: String]
    package var hostname: String
    package var version: String
    /// Runs jobs; nil where there are none.
    package var jobs: JobRunner?
    /// The environment of a job that is based on this one, or on the server's: with what makes
    /// runtimes trust the names of apps.
    package var jobEnvironment: @Sendable ([String: String]?) throws -> [String: String] = {
        $0 ?? [:]
    }
    /// The traffic that the proxy records.
    let traffic: TrafficFeed
    /// What the runs in terminals use.
    let terminals = TerminalUsage()
    /// Runs the operations, which use files and system calls.
    package let requests = BlockingWork(limit: 8)
    /// Reads logs, which may be long and on a slow disk.
    package let logReading = BlockingWork(limit: 4)
    /// Searches projects, which may take long, so that no other work waits for it.
    package let detection = BlockingWork(limit: 2)

    package init(
        directory: StateDirectory,
        supervisor: any AppSupervision,
        isFree: @escaping @Sendable (Port) -> Bool,
        proxy: @escaping @Sendable () throws -> ProxyDescription,
        runner: any CommandRunner,
        detect: @escaping @Sendable (FilePath) -> DetectedProject,
        examine: @escaping @Sendable () throws -> DoctorReport,
        holders: @escaping @Sendable (Port) throws -> HeldPort,
        end: @escaping @Sendable (HeldPort) throws -> PortEnding,
        replay: @escaping @Sendable (ReplayRequest) async throws -> ReplayAnswer,
        environment: [String: String],
        hostname: String,
        version: String,
    ) {
        self.directory = directory
        self.supervisor = supervisor
        self.isFree = isFree
        self.proxy = proxy
        self.runner = runner
        self.detect = detect
        self.examine = examine
        self.holders = holders
        self.end = end
        self.replay = replay
        traffic = TrafficFeed(directory: directory)
        self.environment = environment
        self.hostname = hostname
        self.version = version
    }
}

/// The part of the supervisor that the API needs.
package protocol AppSupervision: Sendable {
    func apps() async -> [SupervisedApp]
    func app(_ name: AppName) async throws -> SupervisedApp
    func up(_ plan: SupervisionPlan, only: [String]?) async throws -> [ProcessOutcome]
    func startAsPlanned(_ app: AppName) async throws -> [ProcessOutcome]
    func prepare(_ plan: SupervisionPlan) async throws
    func change(_ app: AppName, toStartOnRequest setting: OnRequest?) async throws
    func start(_ app: AppName, _ process: String?) async throws -> [ProcessOutcome]
    func stop(_ app: AppName, _ process: String?) async throws -> [ProcessOutcome]
    func restart(_ app: AppName, _ process: String?) async throws -> [ProcessOutcome]
    func remove(_ app: AppName) async throws
    func logs(_ app: AppName, _ process: String?, last count: Int) async throws -> LogExcerpt
    func follow(
        _ app: AppName,
        _ process: String?,
        last count: Int,
        after: Int64?,
    ) async throws -> any AsyncSequence<LogLine, Never> & Sendable
    func events() async -> AsyncStream<SupervisorEvent>
}

extension Supervisor: AppSupervision {}

/// Measures the runs in terminals, which the supervisor doesn't know.
final class TerminalUsage: Sendable {
    private let meter = Mutex(UsageMeter())

    func samples(of runs: [ProcessIdentity]) -> [ProcessIdentity: UsageMeter.Sample] {
        meter.withLock { $0.samples(of: runs, now: .now) }
    }
}
