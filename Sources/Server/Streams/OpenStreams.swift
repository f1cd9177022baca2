import NIOCore
import Synchronization

/// All open streams, which are bounded in number and kept alive.
final class OpenStreams: Sendable {
    static let limit = 2_000
    /// Subscribers are told more often, so that the dashboard notices within three seconds that the
    /// connection is lost.
    private static let heartbeat = Duration.seconds(1)
    private static let slowHeartbeat = 15

    private struct State {
        var streams: [ObjectIdentifier: EventStream] = [:]
        var subscribers: Set<ObjectIdentifier> = []
        var isClosed = false
    }

    private let state = Mutex(State())

    var count: Int { state.withLock { $0.streams.count } }
    var subscriberCount: Int { state.withLock { $0.subscribers.count } }

    /// Opens a stream, which gets every published event if it is a subscriber.
    func open(subscribes: Bool) throws(Problem) -> EventStream {
        let stream = EventStream()
        let key = ObjectIdentifier(stream)
        let isOpen = state.withLock { state in
            guard !state.isClosed, state.streams.count < Self.limit else { return false }
            state.streams[key] = stream
            if subscribes { state.subscribers.insert(key) }
            return true
        }
        guard isOpen else {
            throw Problem(
                503,
                code: "TOO_MANY_STREAMS",
                "\(Self.limit) streams are open already. Close some and try again.",
            )
        }
        stream.whenEnded { [weak self] _ in
            self?.state.withLock { state in
                state.streams[key] = nil
                state.subscribers.remove(key)
            }
        }
        return stream
    }

    /// Sends an event to all subscribers, which share its bytes.
    func publish(_ event: ServerSentEvent) {
        let receivers = state.withLock { state in
            state.subscribers.compactMap { state.streams[$0] }
        }
        guard !receivers.isEmpty else { return }
        let chunk = event.bytes
        for stream in receivers { stream.send(chunk) }
    }

    /// Keeps connections alive and finds dead ones, until the task is cancelled.
    func beat() async {
        let chunk = ByteBuffer(string: ": \n\n")
        var count = 0
        while (try? await Task.sleep(for: Self.heartbeat)) != nil {
            count = (count + 1) % Self.slowHeartbeat
            let isForAll = count == 0
            let receivers = state.withLock { state in
                isForAll
                    ? Array(state.streams.values)
                    : state.subscribers.compactMap { state.streams[$0] }
            }
            for stream in receivers { stream.beat(chunk) }
        }
    }

    /// Ends all streams and opens no more.
    func close() {
        let all = state.withLock { state in
            state.isClosed = true
            return Array(state.streams.values)
        }
        for stream in all { stream.end(.finished) }
    }
}
