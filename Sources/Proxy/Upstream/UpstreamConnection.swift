import NIOCore

/// One HTTP/1.1 connection to an app: sends requests one after another and parses the answers.
///
/// It lives on its event loop; while idle it belongs to the pool of its `Upstream`, else to the
/// exchange that acquired it. The extension `+Receiving` reads answers.
final class UpstreamConnection: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Phase: Equatable {
        case idle
        case awaitingHead
        case length(remaining: Int)
        case chunked
        case untilClose
        /// The response is complete, the request's body isn't, and still goes to the upstream.
        case awaitingRequestEnd
        case tunnel
        case closed
    }

    private let upstream: Upstream
    var context: ChannelHandlerContext?
    var receiver: (any ResponseReceiver)?
    var phase = Phase.idle
    var method = MethodKind.get
    var response = ResponseHead()
    var chunks = ChunkedDecoder()
    var inbound = ByteBuffer()
    var scanned = 0
    var isRequestComplete = false
    private var hasFailed = false
    /// Whether the upstream counts an exchange of it as open.
    private var isInExchange = false
    private var holdsRead = false
    private var hasUnflushedWrites = false

    /// Whether the connection comes from the pool, where it may have gone stale unnoticed.
    private var wasPooled = false
    /// When the connection went into the pool.
    private(set) var idleSince = NIODeadline.uptimeNanoseconds(0)

    /// Whether it is a stream of an HTTP/2 session, which carries one exchange and isn't pooled:
    /// NIOHTTP2 forgets a stream that begins while its session is being closed.
    private let isStream: Bool

    init(upstream: Upstream, isStream: Bool = false) {
        self.upstream = upstream
        self.isStream = isStream
    }

    var isUsable: Bool { phase == .idle && context != nil }
    /// Kept here, because asking the channel takes more than a hundred instructions.
    private(set) var isWritable = true
    /// The address of the app's socket.
    var remoteAddress: SocketAddress? {
        (isStream ? context?.channel.parent : context?.channel)?.remoteAddress
    }

    // MARK: Sending

    /// Sends a request head (with or without the first of its body) and expects the answer.
    func begin(_ head: ByteBuffer, method: MethodKind, for receiver: any ResponseReceiver) {
        precondition(phase == .idle, "an upstream connection serves one exchange at a time")
        self.receiver = receiver
        self.method = method
        phase = .awaitingHead
        scanned = 0
        isRequestComplete = false
        isInExchange = true
        upstream.exchangeBegan()
        send(head)
    }

    /// Passes bytes both ways unread, until one side ends.
    func beginTunnel(for receiver: any ResponseReceiver) {
        precondition(phase == .idle, "an upstream connection serves one exchange at a time")
        self.receiver = receiver
        phase = .tunnel
        isInExchange = true
        upstream.exchangeBegan()
        context?.channel.setOption(.allowRemoteHalfClosure, value: true).whenComplete { _ in }
    }

    /// Sends bytes of the request's body, or of the tunnel.
    func send(_ bytes: ByteBuffer) {
        guard let context else { return }
        hasUnflushedWrites = true
        context.write(wrapOutboundOut(bytes), promise: nil)
    }

    /// Flushes pending writes; false if there were none.
    @discardableResult
    func flush() -> Bool {
        guard hasUnflushedWrites, let context else { return false }
        hasUnflushedWrites = false
        context.flush()
        return true
    }

    /// The request's body is complete.
    func endRequest() {
        isRequestComplete = true
        if phase == .awaitingRequestEnd { release() }
    }

    /// The client of a tunnel sends no more.
    func endTunnelInput() {
        flush()
        context?.close(mode: .output, promise: nil)
    }

    /// Ends the exchange and returns to the pool, or closes where the connection can't be reused.
    func release() {
        receiver = nil
        // The end of an upload that was answered early: the next request on the connection may come
        // late.
        flush()
        // The flush may have found the connection closed.
        guard phase != .closed, response.keepsAlive, inbound.readableBytes == 0, context != nil
        else {
            phase = .closed
            endExchange(at: .now())
            context?.close(mode: .all, promise: nil)
            return
        }
        phase = .idle
        if holdsRead { resumeReading() }
        enterPool()
        endExchange(at: idleSince)
    }

    private func endExchange(at time: NIODeadline) {
        guard isInExchange else { return }
        isInExchange = false
        upstream.exchangeEnded(at: time)
    }

    /// A part of an answer has arrived, so the connection isn't stale.
    func hasBegunAnswer() {
        wasPooled = false
    }

    /// Returns to the pool unused, because the client is gone.
    func returnUnused() {
        if isStream { abort() } else { enterPool() }
    }

    private func enterPool() {
        wasPooled = true
        idleSince = .now()
        upstream.checkIn(self)
    }

    /// Gives the exchange up; closing the connection loses an answer under way.
    func abort() {
        receiver = nil
        phase = .closed
        endExchange(at: .now())
        context?.close(mode: .all, promise: nil)
    }

    /// The client takes more bytes again.
    func resumeReading() {
        guard holdsRead, let context else { return }
        holdsRead = false
        context.read()
    }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func read(context: ChannelHandlerContext) {
        if let receiver, !receiver.isWritable {
            holdsRead = true
        } else {
            context.read()
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        inbound.append(unwrapInboundIn(data))
        consume()
        if inbound.readableBytes == 0 { inbound = ByteBuffer() }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        receiver?.upstreamReadComplete()
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        if isWritable { receiver?.upstreamBecameWritable() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent {
            if phase == .tunnel {
                receiver?.receiveTunnelEnd()
                receiver?.upstreamReadComplete()
            } else {
                context.close(mode: .all, promise: nil)
            }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        hasFailed = true
        if let error = error as? HeadError { fail(error) }
        context.close(mode: .all, promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        let last = phase
        phase = .closed
        endExchange(at: .now())
        upstream.forget(self)
        guard let receiver else { return }
        self.receiver = nil
        switch last {
        case .untilClose where !hasFailed:
            receiver.receiveEnd(trailers: nil)
            // Otherwise the exchange is over, and the receiver may be at its next one.
            if !isRequestComplete { receiver.upstreamFailed(.closedBeforeAnswer) }
        case .awaitingHead:
            let isUntouched = scanned == 0 && inbound.readableBytes == 0
            receiver.upstreamFailed(wasPooled && isUntouched ? .stale : .closedBeforeAnswer)
        case .tunnel: receiver.upstreamFailed(.closedBeforeAnswer)
        case .length, .chunked, .untilClose, .awaitingRequestEnd:
            receiver.upstreamFailed(.truncated)
        case .idle, .closed: break
        }
        receiver.upstreamReadComplete()
    }
}
