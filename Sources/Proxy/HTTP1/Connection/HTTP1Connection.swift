import NIOCore

/// A client's HTTP/1 connection: reads requests, sends them upstream and relays the answers, one
/// exchange after another.
///
/// Requests are handled in the extension `+Request`, answers in `+Response`, what the proxy says
/// itself in `+Pages`, and how long the client is waited for in `+Waiting`.
///
/// `advance` is its engine: events of either side change the state, and then it takes what the
/// state admits of what came.
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
    private var unflushedBytes = 0
    /// Whether the client takes more bytes; kept here, because asking the channel takes more than a
    /// hundred instructions.
    private(set) var isWritable = true
    var clientFraming = ClientFraming.same
    var hasResponseBegun = false
    var isResponseComplete = false
    /// Whether the connection stays open after this exchange.
    var persists = true
    /// The answer goes on for as long as the app likes, with pauses of any length.
    var isEventStream = false

    private var isAdvancing = false
    private var isShuttingDown = false
    private var holdsRead = false
    /// When something moved last.
    var waitBegan: Moment
    /// What the client hadn't read yet at the last sweep.
    var unsentBytes = 0

    init(loop: ProxyLoop, forwarded: ForwardedFields, redirectsToTLS: Bool) {
        self.loop = loop
        self.forwarded = forwarded
        self.redirectsToTLS = redirectsToTLS
        waitBegan = loop.clients.beginWait()
    }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        isWritable = context.channel.isWritable
        loop.clients.opened(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        loop.clients.closed(self)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // The time of a head runs from its first byte, however the others trickle.
        if inbound.readableBytes == 0 { beginWait() }
        inbound.append(unwrapInboundIn(data))
        advance(flushes: false)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        advance()
        // A drained buffer is let go, so that the next read can use its memory again.
        if inbound.readableBytes == 0 { inbound = ByteBuffer() }
    }

    /// Reads on only if there is somewhere to put what comes.
    func read(context: ChannelHandlerContext) {
        if takesInput { context.read() } else { holdsRead = true }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        guard isWritable else { return }
        beginWait()
        connection?.resumeReading()
        advance()
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

    // MARK: Progress

    /// Takes what can be taken of `inbound`, part by part, and sends what comes of it.
    ///
    /// This is the only loop. What a step calls must not take the next one, or a client that sends
    /// thousands of requests at once would exhaust the stack; calls from within return at once.
    func advance(flushes: Bool = true) {
        guard !isAdvancing else { return }
        isAdvancing = true
        // A flush may tell at once that the client takes more again.
        repeat { while step() {} } while flushes && flushAll()
        isAdvancing = false
        resumeReading()
    }

    /// Whether another answer may be begun, or the client first has to read what it got.
    var takesAnswers: Bool {
        if outbound.readableBytes + unflushedBytes >= ClientLimits.unflushed { flush() }
        return isWritable
    }

    private var takesInput: Bool {
        switch phase {
        case .discarding, .closing: true
        case .awaitingHead: inbound.readableBytes < ClientLimits.input
        case .tunnel: connection?.isWritable ?? false
        case .exchange:
            // Once the body is in, reading goes on for the sake of noticing the client's end.
            body.isComplete
                ? inbound.readableBytes < ClientLimits.input
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
        unflushedBytes += bytes.readableBytes
        context.write(wrapOutboundOut(bytes), promise: nil)
    }

    /// Sends to the client what was written; false if that was nothing.
    @discardableResult
    func flush() -> Bool {
        if outbound.readableBytes > 0 {
            write(outbound)
            outbound.clear()
        }
        guard unflushedBytes > 0, let context else { return false }
        unflushedBytes = 0
        context.flush()
        return true
    }

    private func flushAll() -> Bool {
        let toUpstream = connection?.flush() ?? false
        return flush() || toUpstream
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
            let farewell = self.loop.configuration.limits.farewell
            self.loop.eventLoop.assumeIsolated().scheduleTask(in: farewell) { self.closeNow() }
        }
        resumeReading()
    }

    var endsAfterExchange: Bool { !persists || isShuttingDown }

    func shutDownGracefully(closesIdle: Bool) {
        isShuttingDown = true
        if closesIdle && phase == .awaitingHead && inbound.readableBytes == 0 { closeNow() }
    }

    func closeNow() {
        context?.close(mode: .all, promise: nil)
    }
}
