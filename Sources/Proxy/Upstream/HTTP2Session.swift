import NIOCore
import NIOHTTP2

/// The one connection to an upstream that speaks HTTP/2, opened when a stream is asked for and
/// closed a while after the last one.
///
/// Confined to its event loop.
final class HTTP2Session {
    private enum State {
        case closed
        case connecting([Completion])
        case open(any Channel, NIOHTTP2Handler.StreamMultiplexer)
    }

    typealias Completion = (Result<UpstreamConnection, UpstreamFailure>) -> Void

    private unowned let upstream: Upstream
    private let dialer: Dialer
    private let eventLoop: any EventLoop
    private var state = State.closed
    private var openStreams = 0
    private var idleClose: Scheduled<Void>?

    init(upstream: Upstream, dialer: Dialer, eventLoop: any EventLoop) {
        self.upstream = upstream
        self.dialer = dialer
        self.eventLoop = eventLoop
    }

    func openStream(_ completion: @escaping Completion) {
        switch state {
        case .open(let channel, let multiplexer) where channel.isActive:
            open(on: multiplexer, completion)
        case .connecting(let waiting): state = .connecting(waiting + [completion])
        case .closed, .open:
            state = .connecting([completion])
            connect()
        }
    }

    func close() {
        idleClose?.cancel()
        idleClose = nil
        if case .open(let channel, _) = state { channel.close(promise: nil) }
        state = .closed
    }

    private func connect() {
        dialer.dial { result in
            guard case .connecting(let waiting) = self.state else { return }
            do {
                let channel = try result.get()
                let multiplexer = try channel.pipeline.syncOperations.configureHTTP2Pipeline(
                    mode: .client,
                    connectionConfiguration: .init(),
                    streamConfiguration: .init(),
                ) { channel in
                    // We ask for no pushes.
                    channel.close()
                }
                self.state = .open(channel, multiplexer)
                for completion in waiting { self.open(on: multiplexer, completion) }
            } catch {
                self.state = .closed
                let reason = error as? UpstreamFailure ?? .unreachable(String(describing: error))
                for completion in waiting { completion(.failure(reason)) }
            }
        }
    }

    private func open(
        on multiplexer: NIOHTTP2Handler.StreamMultiplexer,
        _ completion: @escaping Completion,
    ) {
        idleClose?.cancel()
        idleClose = nil
        openStreams += 1
        let created = eventLoop.makePromise(of: (any Channel).self)
        multiplexer.createStreamChannel(promise: created) { channel in
            channel.eventLoop.makeSucceededVoidFuture()
        }
        created.futureResult.assumeIsolated().whenComplete { result in
            do {
                let channel = try result.get()
                let connection = UpstreamConnection(upstream: self.upstream)
                try channel.pipeline.syncOperations.addHandlers([
                    HTTP2UpstreamCodec(), connection,
                ])
                channel.closeFuture.assumeIsolated().whenComplete { _ in self.streamClosed() }
                completion(.success(connection))
            } catch {
                self.streamClosed()
                completion(.failure(.unreachable(String(describing: error))))
            }
        }
    }

    private func streamClosed() {
        openStreams -= 1
        guard openStreams == 0 else { return }
        idleClose = eventLoop.assumeIsolated().scheduleTask(in: Upstream.idleLimit) {
            self.close()
        }
    }
}
