import NIOCore

/// The one connection to an upstream that speaks HTTP/2, opened on demand and closed a while after
/// the last stream.
///
/// Confined to its event loop.
final class HTTP2UpstreamSession {
    /// Opens a connection that carries HTTP/2.
    typealias Dial = (
        _ families: Set<LoopbackFamily>,
        _ completion: @escaping (Result<any Channel, UpstreamFailure>) -> Void
    ) -> Void
    typealias Completion = (Result<UpstreamConnection, UpstreamFailure>) -> Void

    private enum State {
        case closed
        case connecting(Attempt)
        case open(HTTP2UpstreamConnection)
    }

    /// A connection that is being opened, and the streams that wait for it.
    private final class Attempt {
        var waiting: [Completion]

        init(_ first: @escaping Completion) {
            waiting = [first]
        }

        func settle(_ act: (@escaping Completion) -> Void) {
            let settled = waiting
            waiting.removeAll()
            for completion in settled { act(completion) }
        }
    }

    private unowned let upstream: Upstream
    private let dial: Dial
    private let eventLoop: any EventLoop
    private var state = State.closed

    init(upstream: Upstream, eventLoop: any EventLoop, dial: @escaping Dial) {
        self.upstream = upstream
        self.eventLoop = eventLoop
        self.dial = dial
    }

    /// Whether a stream needs no new connection.
    var isOpen: Bool {
        switch state {
        case .closed: false
        case .connecting: true
        case .open(let connection): connection.takesStreams
        }
    }

    /// Opens a stream, and a connection on one of `families` where none is open.
    func openStream(
        on families: Set<LoopbackFamily>,
        _ completion: @escaping Completion,
    ) {
        switch state {
        case .open(let connection) where connection.takesStreams:
            connection.openStream(for: upstream, completion)
        case .connecting(let attempt): attempt.waiting.append(completion)
        case .closed, .open:
            let attempt = Attempt(completion)
            state = .connecting(attempt)
            dial(families) { self.finish(attempt, $0) }
        }
    }

    /// Takes over a connection on which HTTP/2 was agreed on; one is enough.
    func adopt(_ channel: any Channel) {
        guard !isOpen, let connection = try? HTTP2UpstreamConnection(channel, eventLoop: eventLoop)
        else { return channel.close(promise: nil) }
        state = .open(connection)
    }

    func close() {
        let last = state
        state = .closed
        switch last {
        case .closed: break
        case .connecting(let attempt):
            attempt.settle { $0(.failure(.unreachable("it was closed meanwhile"))) }
        case .open(let connection): connection.close()
        }
    }

    private func finish(_ attempt: Attempt, _ result: Result<any Channel, UpstreamFailure>) {
        guard case .connecting(let current) = state, current === attempt else {
            // The session was closed while this connection was being opened.
            if case .success(let channel) = result { channel.close(promise: nil) }
            return
        }
        switch result {
        case .success(let channel):
            do {
                let connection = try HTTP2UpstreamConnection(channel, eventLoop: eventLoop)
                state = .open(connection)
                attempt.settle { connection.openStream(for: upstream, $0) }
            } catch {
                channel.close(promise: nil)
                fail(attempt, .unreachable(String(describing: error)))
            }
        case .failure(let reason): fail(attempt, reason)
        }
    }

    private func fail(_ attempt: Attempt, _ reason: UpstreamFailure) {
        state = .closed
        attempt.settle { $0(.failure(reason)) }
    }
}
