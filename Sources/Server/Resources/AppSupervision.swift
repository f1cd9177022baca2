package import PortlessCore
package import Runner

/// What the API needs of the supervisor.
package protocol AppSupervision: Sendable {
    func apps() async -> [SupervisedApp]
    func app(_ name: AppName) async throws -> SupervisedApp
    func up(_ plan: SupervisionPlan, only: [String]?) async throws -> [ProcessOutcome]
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
