import HostSystem
import PortlessCore
import Synchronization
import SystemPackage

/// The connections to all keepers, served by one thread.
final class KeeperConnections: Sendable {
    enum Report: Sendable {
        case message(AppName, KeeperMessage)
        case lost(AppName)
    }

    /// The error for a request whose keeper went away.
    struct KeeperGone: Error {}

    private struct State {
        var open: [AppName: KeeperConnection] = [:]
        var lastID = 0
        var isStopped = false
    }

    private let state = Mutex(State())
    private let wake: Pipe
    private let report: @Sendable (Report) -> Void

    /// `report` is called on the thread of the connections.
    init(report: @escaping @Sendable (Report) -> Void) throws {
        self.report = report
        wake = try Pipe()
        try NonBlocking.set(wake.reading)
        try NonBlocking.set(wake.writing)
        SystemThread.start { [self] in serve() }
    }

    /// Not earlier: a caller that still wakes the thread would write into whatever has the closed
    /// descriptor's number by then.
    deinit {
        try? wake.reading.close()
        try? wake.writing.close()
    }

    /// Ends the thread and all connections, which doesn't affect the keepers.
    func stop() {
        state.withLock { $0.isStopped = true }
        wakeUp()
    }

    func isConnected(_ app: AppName) -> Bool {
        state.withLock { $0.open[app] != nil }
    }

    func connect(_ app: AppName, _ folder: KeeperFolder) throws {
        guard !isConnected(app) else { return }
        let socket = try LocalSocket.connect(in: folder.path, to: KeeperFolder.socketName)
        let isNeeded = state.withLock { state in
            // Another task may have connected meanwhile.
            guard !state.isStopped, state.open[app] == nil else { return false }
            let connection = KeeperConnection(LineSocket(socket))
            connection.send(.watch, id: 0)
            state.open[app] = connection
            return true
        }
        if isNeeded { wakeUp() } else { try? socket.close() }
    }

    /// Sends a request and returns the answer; throws `KeeperGone` where the keeper is gone or
    /// leaves before it answers.
    func send(_ request: KeeperRequest, to app: AppName) async throws -> [ProcessOutcome] {
        try await withCheckedThrowingContinuation { continuation in
            let isSent = state.withLock { state in
                guard let connection = state.open[app], !state.isStopped else { return false }
                state.lastID += 1
                connection.waiting[state.lastID] = continuation
                connection.send(request, id: state.lastID)
                return true
            }
            if isSent { wakeUp() } else { continuation.resume(throwing: KeeperGone()) }
        }
    }

    /// Like `send`, without waiting for the answer.
    func tell(_ request: KeeperRequest, _ app: AppName) {
        let isSent = state.withLock { state in
            guard let connection = state.open[app], !state.isStopped else { return false }
            connection.send(request, id: 0)
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

    /// The descriptors to wait for; nil after `stop`.
    private func nextPoll() -> Poll? {
        state.withLock { state in
            guard !state.isStopped else { return nil }
            var poll = Poll()
            poll.add(wake.reading, .reading)
            for connection in state.open.values {
                connection.socket.flush()
                poll.add(connection.socket.descriptor, connection.socket.interest)
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
            for (app, connection) in state.open {
                if ready[connection.socket.descriptor]?.contains(.reading) == true {
                    // A keeper of another version may send unknown messages.
                    for json in connection.socket.receive(into: buffer) {
                        guard let message = KeeperMessage(json: json) else { continue }
                        if let answer = Self.answer(message, on: connection) {
                            answers.append(answer)
                        } else {
                            reports.append(.message(app, message))
                        }
                    }
                }
                guard connection.socket.isGone else { continue }
                answers += Self.close(connection)
                state.open[app] = nil
                reports.append(.lost(app))
            }
            return (reports, answers)
        }
        // In this order: an answer comes after the changes that were reported before it.
        for message in reports { report(message) }
        for answer in answers { answer() }
    }

    private static func answer(
        _ message: KeeperMessage,
        on connection: KeeperConnection,
    ) -> (@Sendable () -> Void)? {
        switch message {
        case .answer(let id, let outcomes):
            let continuation = connection.waiting.removeValue(forKey: id)
            return { continuation?.resume(returning: outcomes) }
        case .refusal(let id, let reason):
            let continuation = connection.waiting.removeValue(forKey: id)
            return { continuation?.resume(throwing: KeeperRefusal(reason: reason)) }
        case .status, .process, .line: return nil
        }
    }

    private static func close(_ connection: KeeperConnection) -> [@Sendable () -> Void] {
        connection.socket.close()
        let waiting = connection.waiting.values
        connection.waiting = [:]
        return waiting.map { continuation in { continuation.resume(throwing: KeeperGone()) } }
    }

    private func hangUp() {
        let answers = state.withLock { state in
            let answers = state.open.values.flatMap(Self.close)
            state.open = [:]
            return answers
        }
        for answer in answers { answer() }
    }

    private func drainWake(_ buffer: UnsafeMutableRawBufferPointer) {
        while let count = try? wake.reading.read(into: buffer), count == buffer.count {}
    }
}

/// The server's end of a connection to a keeper, and the requests that wait for its answers.
///
/// Sendable though mutable: only `KeeperConnections` uses it, under its lock.
final class KeeperConnection: @unchecked Sendable {
    let socket: LineSocket
    /// By the number of the request.
    var waiting: [Int: CheckedContinuation<[ProcessOutcome], any Error>] = [:]

    init(_ socket: LineSocket) {
        self.socket = socket
    }

    func send(_ request: KeeperRequest, id: Int) {
        var object = request.json.object ?? JSONObject()
        object["id"] = .integer(id)
        socket.send(.object(object))
    }
}

/// A keeper's reason for refusing a request.
struct KeeperRefusal: Error, CustomStringConvertible {
    let reason: String

    var description: String { reason }
}
