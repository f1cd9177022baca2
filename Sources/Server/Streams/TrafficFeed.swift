import HostSystem
import PortlessCore
import Synchronization
import SystemPackage

/// Keeps the server attached to the proxy for as long as its clients look at the traffic, and passes
/// the records on to their streams.
///
/// The proxy records only while it has a watcher, so a client that reads lists without a stream keeps
/// the server attached for a while, too. The thread that reads the proxy's socket ends with the last
/// of them.
final class TrafficFeed: Sendable {
    /// How long a question keeps the server attached.
    static let linger = Duration.seconds(60)
    /// How often the socket of a proxy that isn't there is looked for.
    private static let retryPause = Duration.milliseconds(500)
    /// Events that wait for a stream whose client reads slowly; later ones are lost.
    private static let longestQueue = 1000

    private struct Subscriber {
        let queue: AsyncStream<ServerSentEvent>.Continuation
        var lost = 0

        mutating func send(_ event: ServerSentEvent) {
            if lost > 0 {
                let notice = ServerSentEvent("lost", .object(["count": .integer(lost)]))
                guard case .enqueued = queue.yield(notice) else {
                    lost += 1
                    return
                }
                lost = 0
            }
            if case .dropped = queue.yield(event) { lost += 1 }
        }
    }

    private struct State {
        var subscribers: [Int: Subscriber] = [:]
        var lastSubscriber = 0
        /// When the server may detach, if there are no streams.
        var end = ContinuousClock.now
        var isRunning = false
        /// The hosts that clients of the server inspect.
        var wanted: Set<String> = []
        /// Those that any watcher inspects, as the proxy told last.
        var inspected: [String] = []
        var requests: [TrafficRequest] = []
    }

    private let directory: StateDirectory
    private let linger: Duration
    private let state = Mutex(State())
    /// Gets a byte when the thread has something to do.
    private let wakeUp: Pipe?

    init(directory: StateDirectory, linger: Duration = TrafficFeed.linger) {
        self.directory = directory
        self.linger = linger
        let wakeUp = try? Pipe()
        if let wakeUp {
            try? NonBlocking.set(wakeUp.reading)
            try? NonBlocking.set(wakeUp.writing)
        }
        self.wakeUp = wakeUp
    }

    // MARK: For operations

    /// Keeps the server attached for a while from now on.
    func touch() {
        let isNew = state.withLock { state in
            state.end = .now.advanced(by: linger)
            defer { state.isRunning = true }
            return !state.isRunning
        }
        guard isNew else { return wake() }
        let isStarted = SystemThread.start { [self] in work() }
        if !isStarted { state.withLock { $0.isRunning = false } }
    }

    /// A connection for one question.
    func connection() throws(Problem) -> TrafficConnection {
        touch()
        guard let connection = TrafficConnection(to: directory) else {
            throw Problem(503, code: "NO_TRAFFIC", "\(TrafficFailure.absent)")
        }
        return connection
    }

    /// Has headers and bodies of a host recorded from now on, or no more; returns the hosts that are
    /// inspected then.
    func inspect(_ host: String, isOn: Bool) -> [String] {
        let hosts = state.withLock { state in
            if isOn { state.wanted.insert(host) } else { state.wanted.remove(host) }
            state.requests.append(.inspect(host: host, isOn: isOn))
            var hosts = Set(state.inspected)
            if isOn { hosts.insert(host) } else { hosts.remove(host) }
            return hosts.sorted()
        }
        touch()
        return hosts
    }

    /// The events from now on; a client that reads too slowly is told how many it has missed.
    func events() -> AsyncStream<ServerSentEvent> {
        let (events, queue) = AsyncStream.makeStream(
            of: ServerSentEvent.self,
            bufferingPolicy: .bufferingOldest(Self.longestQueue),
        )
        let number = state.withLock { state in
            state.lastSubscriber += 1
            state.subscribers[state.lastSubscriber] = Subscriber(queue: queue)
            queue.yield(Self.inspecting(state.inspected))
            return state.lastSubscriber
        }
        queue.onTermination = { [weak self] _ in
            self?.state.withLock { $0.subscribers[number] = nil }
            self?.wake()
        }
        touch()
        return events
    }

    // MARK: The thread

    private func wake() {
        _ = try? wakeUp?.writing.writeAll([0])
    }

    private func work() {
        var proxy: String?
        while let rest = timeLeft() {
            guard let connection = TrafficConnection(to: directory) else {
                SystemClock.sleep(for: min(rest ?? Self.retryPause, Self.retryPause))
                continue
            }
            let wanted = state.withLock { state in
                state.requests.removeAll()
                return state.wanted
            }
            for host in wanted { connection.send(.inspect(host: host, isOn: true)) }
            follow(connection, &proxy)
        }
    }

    /// How long to go on, nil inside for as long as there are streams; nil where the thread ends.
    private func timeLeft() -> Duration?? {
        state.withLock { state -> Duration?? in
            if !state.subscribers.isEmpty { return .some(nil) }
            let rest = ContinuousClock.now.duration(to: state.end)
            if rest > .zero { return .some(rest) }
            state.isRunning = false
            // Inspection ends with the last client.
            state.wanted = []
            state.inspected = []
            return nil
        }
    }

    private func follow(_ connection: TrafficConnection, _ proxy: inout String?) {
        while !connection.isGone, let rest = timeLeft() {
            let requests = state.withLock { state in
                defer { state.requests.removeAll() }
                return state.requests
            }
            for request in requests { connection.send(request) }
            for event in connection.events(timeout: rest, or: wakeUp?.reading) {
                handle(event, &proxy)
            }
            drain()
        }
    }

    private func drain() {
        guard let wakeUp else { return }
        withUnsafeTemporaryAllocation(byteCount: 256, alignment: 1) { buffer in
            while let count = try? wakeUp.reading.read(into: buffer), count == buffer.count {}
        }
    }

    private func handle(_ event: TrafficEvent, _ proxy: inout String?) {
        switch event {
        case .record(let record): publish(ServerSentEvent("record", record.json))
        case .lost(let count):
            publish(ServerSentEvent("lost", .object(["count": .integer(count)])))
        case .inspecting(let hosts): tell(hosts)
        case .hello(let name, _, let hosts):
            if let proxy, proxy != name { publish(ServerSentEvent("restarted", .object([:]))) }
            proxy = name
            tell(hosts)
        case .listed, .details, .missing, .uses: break
        }
    }

    private func tell(_ hosts: [String]) {
        state.withLock { $0.inspected = hosts }
        publish(Self.inspecting(hosts))
    }

    private static func inspecting(_ hosts: [String]) -> ServerSentEvent {
        ServerSentEvent("inspecting", .object(["hosts": .array(hosts.map { .string($0) })]))
    }

    private func publish(_ event: ServerSentEvent) {
        state.withLock { state in
            for number in state.subscribers.keys { state.subscribers[number]?.send(event) }
        }
    }
}
