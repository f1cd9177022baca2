import NIOCore

/// A client's HTTP/1 connection: reads requests, sends them upstream and relays the answers, one
/// exchange after another.
///
/// Requests are handled in the extension `+Request`, answers in `+Response`, what the proxy says
/// itself and how the connection ends in `+Ending`.
///
/// `advance` is its engine: events of either side change the state, and then it takes what the
/// state admits of the client's bytes.
final class HTTP1Connection: ChannelDuplexHandler, ClientConnection {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Phase: Equatable {
        /// Between requests, or in the middle of a head of which so much was looked at already.
        case awaitingHead(scanned: Int)
        /// `exchange` says what happens.
        case exchange
        /// The last answer is on its way out, and then the connection ends.
        case closing
    }

    /// Whether another exchange may follow the present one.
    enum Persistence {
        case open
        case lastExchange
        /// The proxy ends: no later request changes this.
        case shuttingDown
    }

    let loop: ProxyLoop
    var forwarded: ForwardedFields
    let redirectsToTLS: Bool
    var context: ChannelHandlerContext?
    var phase = Phase.awaitingHead(scanned: 0)
    var persistence = Persistence.open
    var watch: ClientWatch

    /// What the client sent and the exchange hasn't taken yet.
    var inbound = ByteBuffer()
    var head = RequestHead()
    /// Which of the bytes that follow the head are its body.
    var body = RequestBody.complete
    var exchange = Exchange()
    var forwarding = Forwarding()
    var clientFraming = ClientFraming.same
    var output = Output()

    private var isAdvancing = false
    private var holdsRead = false

    /// What goes to the client: small pieces are collected, so that they go out together.
    struct Output {
        var collected = ByteBuffer()
        var unflushedBytes = 0
        /// Whether the client takes more bytes; kept here, because asking the channel takes more
        /// than a hundred instructions.
        var isWritable = true

        /// Takes the collected bytes; nil where there are none.
        mutating func take() -> ByteBuffer? {
            guard collected.readableBytes > 0 else { return nil }
            let taken = collected
            collected.moveReaderIndex(to: collected.writerIndex)
            return taken
        }

        /// Reuses the memory of what was taken, now that it is written.
        mutating func tidy() {
            if collected.readableBytes == 0 { collected.clear() }
        }
    }

    init(loop: ProxyLoop, forwarded: ForwardedFields, redirectsToTLS: Bool) {
        self.loop = loop
        self.forwarded = forwarded
        self.redirectsToTLS = redirectsToTLS
        watch = ClientWatch(loop.clients)
    }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        output.isWritable = context.channel.isWritable
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
        output.isWritable = context.channel.isWritable
        watch.look(context, loop.clients)
        guard output.isWritable else { return }
        beginWait()
        forwarding.connection?.resumeReading()
        advance()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case .inputClosed? = event as? ChannelEvent else {
            context.fireUserInboundEventTriggered(event)
            return
        }
        if exchange.destination == .tunnel {
            forwarding.connection?.endTunnelInput()
        } else {
            context.close(mode: .all, promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(mode: .all, promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        exchange.abort()
        forwarding.abort(self)
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
        if output.collected.readableBytes + output.unflushedBytes >= ClientLimits.unflushed {
            flush()
        }
        return output.isWritable
    }

    private var takesInput: Bool {
        switch phase {
        case .closing: return true
        case .awaitingHead: return inbound.readableBytes < ClientLimits.input
        case .exchange: break
        }
        switch exchange.destination {
        case .nowhere: return true
        case .upstream, .tunnel: return forwarding.connection?.isWritable ?? false
        // Reading goes on for the sake of noticing that the client leaves.
        case .held: return inbound.readableBytes < ClientLimits.input
        }
    }

    func resumeReading() {
        guard holdsRead, takesInput, let context else { return }
        holdsRead = false
        context.read()
    }

    func write(_ bytes: ByteBuffer) {
        guard let context else { return }
        output.unflushedBytes += bytes.readableBytes
        context.write(wrapOutboundOut(bytes), promise: nil)
    }

    /// Sends to the client what was written; false if that was nothing.
    @discardableResult
    func flush() -> Bool {
        if let collected = output.take() { write(collected) }
        guard output.unflushedBytes > 0, let context else { return false }
        output.unflushedBytes = 0
        context.flush()
        output.tidy()
        return true
    }

    private func flushAll() -> Bool {
        let toUpstream = forwarding.connection?.flush() ?? false
        return flush() || toUpstream
    }
}
