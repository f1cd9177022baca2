import PortlessCore
import Synchronization

/// The state that the keepers have reported, and the readers that wait for changes.
final class SupervisorModel: Sendable {
    /// The most changes that may wait for a reader before its stream ends, and the most lines
    /// before it has to read the log instead.
    private static let mostWaiting = 512
    private static let mostWaitingBytes = 256 << 10

    /// News for a reader of lines.
    enum News: Sendable {
        case line(LogLine)
        /// From here on the log has lines that the reader doesn't get.
        case missed
    }

    private struct Follower {
        let app: AppName
        let process: String?
        let continuation: AsyncStream<News>.Continuation
        /// The number of lines that it was sent and hasn't taken yet.
        var lines = 0
        var bytes = 0
        var hasMissed = false

        mutating func miss() {
            guard !hasMissed else { return }
            hasMissed = true
            continuation.yield(.missed)
        }
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

    /// Adds a reader, which gets each new line.
    func addFollower(
        of app: AppName,
        _ process: String?,
        whenGone: @escaping @Sendable () -> Void,
    ) -> (id: Int, news: AsyncStream<News>) {
        // `mostWaiting` bounds the buffer.
        let (news, continuation) = AsyncStream<News>.makeStream()
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
        return (id, news)
    }

    func hasFollowers(of app: AppName) -> Bool {
        state.withLock { $0.followers.values.contains { $0.app == app } }
    }

    /// Notes that an app's readers may have missed lines, which the log has.
    func noteMissedLines(of app: AppName) {
        state.withLock { state in
            for id in state.followers.keys where state.followers[id]?.app == app {
                state.followers[id]?.miss()
            }
        }
    }

    /// Sends new lines again to a reader that has missed some.
    func rejoin(_ id: Int) {
        state.withLock { $0.followers[id]?.hasMissed = false }
    }

    /// Notes that a reader has taken a line.
    func took(_ line: LogLine, _ id: Int) {
        state.withLock { state in
            state.followers[id]?.lines -= 1
            state.followers[id]?.bytes -= line.text.utf8.count
        }
    }

    func pass(_ line: LogLine, of app: AppName) {
        state.withLock { state in
            for id in state.followers.keys {
                guard var follower = state.followers[id], follower.app == app,
                    follower.process ?? line.process == line.process, !follower.hasMissed
                else { continue }
                if follower.lines < Self.mostWaiting, follower.bytes < Self.mostWaitingBytes {
                    follower.lines += 1
                    follower.bytes += line.text.utf8.count
                    follower.continuation.yield(.line(line))
                } else {
                    follower.miss()
                }
                state.followers[id] = follower
            }
        }
    }
}

extension AsyncStream.Continuation.YieldResult {
    fileprivate var isTooMuch: Bool {
        if case .dropped = self { true } else { false }
    }
}
