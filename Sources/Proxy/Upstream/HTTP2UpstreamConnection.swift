import NIOCore
import NIOHTTP2

/// One open HTTP/2 connection to an upstream: opens streams on it, and notices when it may carry no
/// more.
///
/// It is the last handler of the connection's pipeline.
final class HTTP2UpstreamConnection: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame

    private let channel: any Channel
    private let eventLoop: any EventLoop
    private var multiplexer: HTTP2StreamMultiplexer?
    private var streams: [ObjectIdentifier: UpstreamConnection] = [:]
    /// Streams whose channel isn't ready yet.
    private var beginning = 0
    private var idleClose: Scheduled<Void>?
    /// NIOHTTP2 has ended the session for a violation of the protocol.
    private var hasFailed = false
    private var isLeaving = false

    /// Builds the pipeline of a connection that has just been opened.
    init(_ channel: any Channel, eventLoop: any EventLoop) throws {
        self.channel = channel
        self.eventLoop = eventLoop
        let multiplexer = HTTP2StreamMultiplexer(
            mode: .client,
            channel: channel,
            targetWindowSize: HTTP2Limits.streamWindow,
            inboundStreamInitializer: { pushed in
                // We ask for no pushes.
                pushed.close()
            },
        )
        self.multiplexer = multiplexer
        try channel.pipeline.syncOperations.addHandlers(
            HTTP2Limits.upstreamHandlers(watching: self) + [multiplexer, self]
        )
    }

    var takesStreams: Bool { !isLeaving && !hasFailed && channel.isActive }

    func openStream(
        for upstream: Upstream,
        _ completion: @escaping HTTP2UpstreamSession.Completion,
    ) {
        idleClose?.cancel()
        idleClose = nil
        guard let multiplexer else { return completion(.failure(.closedBeforeAnswer)) }
        beginning += 1
        let created = eventLoop.makePromise(of: (any Channel).self)
        multiplexer.createStreamChannel(promise: created) { stream in
            stream.eventLoop.makeSucceededVoidFuture()
        }
        created.futureResult.assumeIsolated().whenComplete { result in
            self.beginning -= 1
            do {
                let stream = try result.get()
                let connection = UpstreamConnection(upstream: upstream, isStream: true)
                try stream.pipeline.syncOperations.addHandlers([
                    HTTP2UpstreamCodec(isSecure: upstream.isSecure), connection,
                ])
                self.streams[ObjectIdentifier(connection)] = connection
                stream.closeFuture.assumeIsolated().whenComplete { _ in
                    self.streams[ObjectIdentifier(connection)] = nil
                    self.closeWhenIdle()
                }
                guard self.channel.isActive else { throw ChannelError.ioOnClosedChannel }
                completion(.success(connection))
            } catch {
                self.closeWhenIdle()
                completion(.failure(.closedBeforeAnswer))
            }
        }
    }

    func close() {
        isLeaving = true
        idleClose?.cancel()
        idleClose = nil
        channel.close(promise: nil)
    }

    private func closeWhenIdle() {
        guard streams.isEmpty, beginning == 0, channel.isActive else { return }
        guard !isLeaving else { return close() }
        idleClose?.cancel()
        idleClose = eventLoop.assumeIsolated().scheduleTask(in: Upstream.idleLimit) {
            self.close()
        }
    }

    // MARK: Channel events

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .goAway = unwrapInboundIn(data).payload else { return }
        // The app finishes the streams it has taken; the next one gets a new connection.
        isLeaving = true
        closeWhenIdle()
    }

    /// A stream's error was answered with a reset, a session's with GOAWAY: then it is over.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let isHTTP2 = !(error is EarlySettings.NotHTTP2)
        guard hasFailed || !isHTTP2 else { return }
        hasFailed = true
        let reason = isHTTP2 ? "a violation of HTTP/2" : "it doesn't speak HTTP/2"
        for stream in streams.values { stream.fail(.malformed(reason)) }
        close()
    }

    func channelInactive(context: ChannelHandlerContext) {
        isLeaving = true
        idleClose?.cancel()
        idleClose = nil
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        multiplexer = nil
    }
}

extension HTTP2UpstreamConnection: NIOHTTP2FrameDelegate {
    func wroteFrame(_ frame: HTTP2Frame) {
        if case .goAway(_, let code, _) = frame.payload, code != .noError { hasFailed = true }
    }
}
