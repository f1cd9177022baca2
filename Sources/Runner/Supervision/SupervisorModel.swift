import PortlessCore
import Synchronization

/// What the keepers have told, and who wants to hear of it.
final class SupervisorModel: Sendable {
    /// So many changes or lines may wait for a reader before it loses its stream.
    private static let mostWaiting = 512

    fileprivate struct Follower {
        let app: AppName
        let process: String?
        let continuation: AsyncStream<LogLine>.Continuation
        /// The last line of each process that the reader has got.
        var seen: [String: Int64] = [:]
        /// Lines that came while the log was still being read; nil once it has been.
        var early: [LogLine]? = []
    }

    private struct State {
        var apps: [AppName: SupervisedApp] = [:]
        var readers: [Int: AsyncStream<SupervisorEvent>.Continuation] = [:]
        var followers: [Int: Follower] = [:]
        var lastID = 0
    }

    private let state = Mutex(State())

    // MARK: Apps

    var apps: [SupervisedApp] {
        state.withLock { $0.apps.values.sorted { $0.name < $1.name } }
    }

    func app(_ name: AppName) -> SupervisedApp? {
        state.withLock { $0.apps[name] }
    }

    func set(_ app: SupervisedApp) {
        let isNew = state.withLock { state in
            defer { state.apps[app.name] = app }
            return state.apps[app.name] != app
        }
        if isNew { tell(.app(app)) }
    }

    func set(_ processes: [SupervisedProcess], of app: AppName) {
        guard var known = self.app(app) else { return }
        known.processes = processes
        known.problem = nil
        set(known)
    }

    func set(_ process: SupervisedProcess, of app: AppName) {
        let isKnown = state.withLock { state in
            let index = state.apps[app]?.processes.firstIndex { $0.name == process.name }
            guard let index else { return false }
            state.apps[app]?.processes[index] = process
            return true
        }
        if isKnown { tell(.process(app, process)) }
    }

    func remove(_ app: AppName) {
        let followers = state.withLock { state in
            state.apps[app] = nil
            let followers = state.followers.filter { $0.value.app == app }
            for id in followers.keys { state.followers[id] = nil }
            return followers.values.map(\.continuation)
        }
        for continuation in followers { continuation.finish() }
        tell(.removed(app))
    }

    // MARK: Changes

    func events() -> AsyncStream<SupervisorEvent> {
        AsyncStream(bufferingPolicy: .bufferingOldest(Self.mostWaiting)) { continuation in
            let id = state.withLock { state in
                state.lastID += 1
                state.readers[state.lastID] = continuation
                return state.lastID
            }
            continuation.onTermination = { [weak self] _ in
                self?.state.withLock { $0.readers[id] = nil }
            }
        }
    }

    private func tell(_ event: SupervisorEvent) {
        let late = state.withLock { state in
            let late = state.readers.filter { $0.value.yield(event).isTooMuch }
            for id in late.keys { state.readers[id] = nil }
            return late.values
        }
        // Outside of the lock, which `onTermination` takes.
        for continuation in late { continuation.finish() }
    }

    // MARK: Lines

    /// Adds a reader of lines, which gets none before `open`.
    func addFollower(
        of app: AppName,
        _ process: String?,
        whenGone: @escaping @Sendable () -> Void,
    ) -> (id: Int, lines: AsyncStream<LogLine>) {
        let (lines, continuation) = AsyncStream<LogLine>.makeStream(
            bufferingPolicy: .bufferingOldest(Self.mostWaiting)
        )
        let id = state.withLock { state in
            state.lastID += 1
            state.followers[state.lastID] = Follower(
                app: app,
                process: process,
                continuation: continuation,
            )
            return state.lastID
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { $0.followers[id] = nil }
            whenGone()
        }
        return (id, lines)
    }

    func hasFollowers(of app: AppName) -> Bool {
        state.withLock { $0.followers.values.contains { $0.app == app } }
    }

    /// From now on the lines of these readers wait until `open`, as they missed some.
    func reopen(_ app: AppName) -> [(id: Int, process: String?, seen: [String: Int64])] {
        state.withLock { state in
            let followers = state.followers.filter { $0.value.app == app }
            for id in followers.keys where state.followers[id]?.early == nil {
                state.followers[id]?.early = []
            }
            return followers.map { ($0.key, $0.value.process, $0.value.seen) }
        }
    }

    /// Gives a reader what the log holds, then what came meanwhile.
    func open(_ id: Int, with lines: [LogLine]) {
        let late = state.withLock { state -> AsyncStream<LogLine>.Continuation? in
            guard var follower = state.followers[id] else { return nil }
            let early = follower.early ?? []
            follower.early = nil
            let isLate = (lines + early).contains { !follower.pass($0) }
            state.followers[id] = isLate ? nil : follower
            return isLate ? follower.continuation : nil
        }
        late?.finish()
    }

    func pass(_ line: LogLine, of app: AppName) {
        let late = state.withLock { state in
            var late: [AsyncStream<LogLine>.Continuation] = []
            for id in state.followers.keys where state.followers[id]?.wants(line, of: app) == true {
                guard state.followers[id]?.pass(line) == false else { continue }
                if let lost = state.followers.removeValue(forKey: id) {
                    late.append(lost.continuation)
                }
            }
            return late
        }
        for continuation in late { continuation.finish() }
    }
}

extension SupervisorModel.Follower {
    fileprivate func wants(_ line: LogLine, of app: AppName) -> Bool {
        self.app == app && process ?? line.process == line.process
    }

    /// False once the reader has fallen too far behind.
    fileprivate mutating func pass(_ line: LogLine) -> Bool {
        if early != nil {
            early?.append(line)
            return (early?.count ?? 0) <= 10_000
        }
        guard line.time > seen[line.process] ?? .min else { return true }
        seen[line.process] = line.time
        return !continuation.yield(line).isTooMuch
    }
}

extension AsyncStream.Continuation.YieldResult {
    fileprivate var isTooMuch: Bool {
        if case .dropped = self { true } else { false }
    }
}
