import NIOCore

/// A client's HTTP/1 connection: reads requests, sends them upstream and relays the answers, one
/// exchange after another.
///
/// Requests are handled in the extension `+Request`, answers in `+Response`, what the proxy says
/// itself in `+Pages`.
final class HTTP1Connection: ChannelDuplexHandler, ClientConnection {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Phase: Equatable {
        /// Between requests, or in the middle of a head.
        case awaitingHead
        /// A request is being sent upstream, or its answer is awaited or relayed.
        case exchange
        /// After a 101: bytes pass unread.
        case tunnel
        /// The answer is out; what the client still sends of its request is thrown away.
        case discarding
        /// The last answer is on its way out and the connection ends behind it.
        case closing
    }

    let loop: ProxyLoop
    var forwarded: ForwardedFields
    let redirectsToTLS: Bool
    var context: ChannelHandlerContext?
    var phase = Phase.awaitingHead

    /// What the client sent and nobody has taken yet.
    var inbound = ByteBuffer()
    /// How much of an incomplete head was looked at already.
    var scanned = 0
    var head = RequestHead()
    /// The progress of the request's body.
    var body = RequestBody.complete

    var upstream: Upstream?
    var connection: UpstreamConnection?
    /// The head as it goes upstream, kept until the answer begins, for a second try.
    var upstreamHead = ByteBuffer()
    var mayRetry = false
    var hasWaitedForBoot = false

    /// What is to be sent to the client and not yet written.
    var outbound = ByteBuffer()
    var clientFraming = ClientFraming.same
    var hasResponseBegun = false
    var isResponseComplete = false
    /// Whether the connection stays open after this exchange.
    var persists = true
    var hasUnflushedWrites = false

    private var isShuttingDown = false
    private var holdsRead = false
    private var idleSweeps = 0

    init(loop: ProxyLoop, forwarded: ForwardedFields, redirectsToTLS: Bool) {
        self.loop = loop
        self.forwarded = forwarded
        self.redirectsToTLS = redirectsToTLS
    }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        loop.opened(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        loop.closed(self)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        idleSweeps = 0
        if inbound.readableBytes == 0 {
            inbound = bytes
        } else {
            inbound.writeBuffer(&bytes)
        }
        process()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        connection?.flush()
        flush()
        // A drained buffer is let go, so that the next read can use its memory again.
        if inbound.readableBytes == 0 { inbound = ByteBuffer() }
    }

    /// Reads on only if there is somewhere to put what comes.
    func read(context: ChannelHandlerContext) {
        if takesInput { context.read() } else { holdsRead = true }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { connection?.resumeReading() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case .inputClosed? = event as? ChannelEvent else {
            context.fireUserInboundEventTriggered(event)
            return
        }
        if phase == .tunnel {
            connection?.endTunnelInput()
        } else {
            context.close(mode: .all, promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(mode: .all, promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        upstream?.leaveWaitingRoom(self)
        connection?.abort()
        connection = nil
        phase = .closing
        context.fireChannelInactive()
    }

    // MARK: Reading and writing

    private var takesInput: Bool {
        switch phase {
        case .awaitingHead, .discarding, .closing: true
        case .tunnel: connection?.isWritable ?? false
        case .exchange:
            // Once the body is in, reading goes on for the sake of noticing the client's end.
            body.isComplete
                ? inbound.readableBytes < HeadScanner.maximumSize
                : connection?.isWritable ?? false
        }
    }

    func resumeReading() {
        guard holdsRead, takesInput, let context else { return }
        holdsRead = false
        context.read()
    }

    func write(_ bytes: ByteBuffer) {
        guard let context else { return }
        hasUnflushedWrites = true
        context.write(wrapOutboundOut(bytes), promise: nil)
    }

    func flush() {
        if outbound.readableBytes > 0 {
            write(outbound)
            outbound.clear()
        }
        guard hasUnflushedWrites, let context else { return }
        hasUnflushedWrites = false
        context.flush()
    }

    // MARK: Ending

    /// Closes after what was written; a client that may still send gets time to read the answer.
    ///
    /// Closing a socket with unread bytes sends a reset, which can overtake the answer.
    func closeAfterFlush(lingers: Bool) {
        phase = .closing
        inbound = ByteBuffer()
        flush()
        guard let context else { return }
        let written = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: written)
        written.futureResult.assumeIsolated().whenComplete { _ in
            guard let context = self.context else { return }
            guard lingers else {
                context.close(mode: .all, promise: nil)
                return
            }
            context.close(mode: .output, promise: nil)
            self.loop.eventLoop.assumeIsolated().scheduleTask(in: .seconds(2)) {
                self.context?.close(mode: .all, promise: nil)
            }
        }
        resumeReading()
    }

    var endsAfterExchange: Bool { !persists || isShuttingDown }

    private var isIdle: Bool { phase == .awaitingHead }

    func countIdleSweep(limit: Int) {
        guard isIdle else { return }
        idleSweeps += 1
        if idleSweeps > limit { closeNow() }
    }

    func shutDownGracefully(closesIdle: Bool) {
        isShuttingDown = true
        if closesIdle && isIdle && inbound.readableBytes == 0 { closeNow() }
    }

    func closeNow() {
        context?.close(mode: .all, promise: nil)
    }
}
