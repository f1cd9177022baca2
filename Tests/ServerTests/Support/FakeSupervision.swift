import PortlessCore
import Runner
import Server
import Synchronization

/// Apps that only say what a test lets them.
actor FakeSupervision: AppSupervision {
    var all: [SupervisedApp]
    var lines: [LogLine] = []
    private(set) var requests: [String] = []
    private var refusal: SupervisorError?
    private nonisolated let told = Mutex(Told())

    /// Every subscriber gets all events, those from before it came, too.
    private struct Told {
        var events: [SupervisorEvent] = []
        var subscribers: [AsyncStream<SupervisorEvent>.Continuation] = []
    }

    init(_ apps: [SupervisedApp] = []) {
        all = apps
    }

    func refuse(_ error: SupervisorError) { refusal = error }
    func write(_ lines: [LogLine]) { self.lines += lines }

    nonisolated func tell(_ event: SupervisorEvent) {
        told.withLock { told in
            told.events.append(event)
            for subscriber in told.subscribers { subscriber.yield(event) }
        }
    }

    func apps() -> [SupervisedApp] { all }

    func app(_ name: AppName) throws -> SupervisedApp {
        guard let app = all.first(where: { $0.name == name }) else {
            throw SupervisorError.unknownApp(name)
        }
        return app
    }

    private func note(_ request: String, _ app: AppName) throws -> [ProcessOutcome] {
        requests.append(request)
        if let refusal { throw refusal }
        return (try? self.app(app))?.processes.map { process in
            ProcessOutcome(
                process: process.name,
                state: process.state,
                error: process.state == .errored ? "It can't be started." : nil,
            )
        } ?? []
    }

    func up(_ plan: SupervisionPlan, only: [String]?) throws -> [ProcessOutcome] {
        try note("up \(plan.app) \(only ?? [])", plan.app)
    }

    func startAsPlanned(_ app: AppName) throws -> [ProcessOutcome] {
        try note("start \(app) as planned", app)
    }

    func prepare(_ plan: SupervisionPlan) throws {
        _ = try note("prepare \(plan.app)", plan.app)
    }

    func change(_ app: AppName, toStartOnRequest setting: OnRequest?) throws {
        _ = try note("change \(app) \(setting?.text ?? "manual")", app)
    }

    func start(_ app: AppName, _ process: String?) throws -> [ProcessOutcome] {
        try note("start \(app) \(process ?? "*")", app)
    }

    func stop(_ app: AppName, _ process: String?) throws -> [ProcessOutcome] {
        try note("stop \(app) \(process ?? "*")", app)
    }

    func restart(_ app: AppName, _ process: String?) throws -> [ProcessOutcome] {
        try note("restart \(app) \(process ?? "*")", app)
    }

    func remove(_ app: AppName) throws { _ = try note("remove \(app)", app) }

    func logs(_ app: AppName, _ process: String?, last count: Int) -> LogExcerpt {
        LogExcerpt(Array(lines.filter { process == nil || $0.process == process }.suffix(count)))
    }

    func follow(
        _ app: AppName,
        _ process: String?,
        last count: Int,
        after: Int64?,
    ) -> any AsyncSequence<LogLine, Never> & Sendable {
        let lines = lines.filter { $0.cursor > after ?? 0 }
        return AsyncStream<LogLine> { continuation in
            for line in lines { continuation.yield(line) }
        }
    }

    func events() -> AsyncStream<SupervisorEvent> {
        let (stream, subscriber) = AsyncStream<SupervisorEvent>.makeStream()
        told.withLock { told in
            for event in told.events { subscriber.yield(event) }
            told.subscribers.append(subscriber)
        }
        return stream
    }
}
