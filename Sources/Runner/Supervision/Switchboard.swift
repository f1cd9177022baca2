import HostSystem
import PortlessCore
import Synchronization
import SystemPackage

/// The connections to all keepers, served by one thread.
final class Switchboard: Sendable {
    enum Report: Sendable {
        case message(AppName, KeeperMessage)
        case lost(AppName)
    }

    /// What happened to a request whose keeper went away.
    struct KeeperGone: Error {}

    private struct State {
        var lines: [AppName: KeeperLine] = [:]
        var lastID = 0
        var isStopped = false
    }

    private let state = Mutex(State())
    private let wake: Pipe
    private let report: @Sendable (Report) -> Void

    /// `report` is called on the switchboard's thread.
    init(report: @escaping @Sendable (Report) -> Void) throws {
        self.report = report
        wake = try Pipe()
        try NonBlocking.set(wake.reading)
        try NonBlocking.set(wake.writing)
        SystemThread.start { [self] in serve() }
    }

    /// Ends the thread and all connections; keepers don't mind.
    func stop() {
        state.withLock { $0.isStopped = true }
        wakeUp()
    }

    func isConnected(_ app: AppName) -> Bool {
        state.withLock { $0.lines[app] != nil }
    }

    func connect(_ app: AppName, _ folder: KeeperFolder) throws {
        guard !isConnected(app) else { return }
        let socket = try LocalSocket.connect(in: folder.path, to: KeeperFolder.socketName)
        state.withLock { state in
            let line = KeeperLine(LineSocket(socket))
            line.send(.watch, id: 0)
            state.lines[app] = line
        }
        wakeUp()
    }

    /// What a keeper answers; throws `KeeperGone` where there is none, or it goes away meanwhile.
    func send(_ request: KeeperRequest, to app: AppName) async throws -> [ProcessOutcome] {
        try await withCheckedThrowingContinuation { continuation in
            let isSent = state.withLock { state in
                guard let line = state.lines[app], !state.isStopped else { return false }
                state.lastID += 1
                line.waiting[state.lastID] = continuation
                line.send(request, id: state.lastID)
                return true
            }
            if isSent { wakeUp() } else { continuation.resume(throwing: KeeperGone()) }
        }
    }

    /// As `send`, without waiting for the answer.
    func tell(_ request: KeeperRequest, _ app: AppName) {
        let isSent = state.withLock { state in
            guard let line = state.lines[app], !state.isStopped else { return false }
            line.send(request, id: 0)
            return true
        }
        if isSent { wakeUp() }
    }

    private func wakeUp() {
        // A full pipe wakes as well.
        _ = try? wake.writing.writeAll([0])
    }

    // MARK: The thread

    private func serve() {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
        while let poll = nextPoll() {
            let ready = poll.ready(timeout: nil)
            if ready[wake.reading] != nil { drainWake(buffer) }
            handle(ready, buffer)
        }
        hangUp()
        buffer.deallocate()
    }

    /// What to wait for; nil once there is nothing to wait for any more.
    private func nextPoll() -> Poll? {
        state.withLock { state in
            guard !state.isStopped else { return nil }
            var poll = Poll()
            poll.add(wake.reading, .reading)
            for line in state.lines.values {
                line.socket.flush()
                poll.add(line.socket.descriptor, line.socket.interest)
            }
            return poll
        }
    }

    private func handle(
        _ ready: [FileDescriptor: Poll.Interest],
        _ buffer: UnsafeMutableRawBufferPointer,
    ) {
        let (reports, answers) = state.withLock { state in
            var reports: [Report] = []
            var answers: [@Sendable () -> Void] = []
            for (app, line) in state.lines {
                if ready[line.socket.descriptor]?.contains(.reading) == true {
                    // A keeper of another version may say what we don't know.
                    for json in line.socket.receive(into: buffer) {
                        guard let message = KeeperMessage(json: json) else { continue }
                        if let answer = Self.answer(message, on: line) {
                            answers.append(answer)
                        } else {
                            reports.append(.message(app, message))
                        }
                    }
                }
                guard line.socket.isGone else { continue }
                answers += Self.close(line)
                state.lines[app] = nil
                reports.append(.lost(app))
            }
            return (reports, answers)
        }
        // In this order: whoever gets an answer finds all that came before it.
        for message in reports { report(message) }
        for answer in answers { answer() }
    }

    private static func answer(
        _ message: KeeperMessage,
        on line: KeeperLine,
    ) -> (@Sendable () -> Void)? {
        switch message {
        case .answer(let id, let outcomes):
            let continuation = line.waiting.removeValue(forKey: id)
            return { continuation?.resume(returning: outcomes) }
        case .refusal(let id, let reason):
            let continuation = line.waiting.removeValue(forKey: id)
            return { continuation?.resume(throwing: KeeperRefusal(reason: reason)) }
        case .status, .process, .line: return nil
        }
    }

    private static func close(_ line: KeeperLine) -> [@Sendable () -> Void] {
        line.socket.close()
        let waiting = line.waiting.values
        line.waiting = [:]
        return waiting.map { continuation in { continuation.resume(throwing: KeeperGone()) } }
    }

    private func hangUp() {
        let answers = state.withLock { state in
            let answers = state.lines.values.flatMap(Self.close)
            state.lines = [:]
            return answers
        }
        for answer in answers { answer() }
        try? wake.reading.close()
        try? wake.writing.close()
    }

    private func drainWake(_ buffer: UnsafeMutableRawBufferPointer) {
        while let count = try? wake.reading.read(into: buffer), count == buffer.count {}
    }
}
