import NIOCore

/// A client's HTTP/1 connection: reads requests, sends them upstream and relays the answers, one
/// exchange after another.
///
/// Requests are handled in the extension `+Request`, answers in `+Response`, the proxy's own
/// answers and the end of the connection in `+Ending`.
///
/// `advance` drives it: events of either side change the state, and then it takes as many of the
/// client's bytes as the state allows.
final class HTTP1Connection: ChannelDuplexHandler, ClientConnection {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Phase: Equatable {
        /// Between requests, or in the middle of a head, of which this much was scanned already.
        case awaitingHead(scanned: Int)
        /// The state is that of `exchange`.
        case exchange
        /// The last answer is on its way out, and then the connection ends.
        case closing
    }

    /// Whether another exchange may follow this one.
    enum Persistence {
        case open
        case lastExchange
        /// The proxy shuts down: no later request changes this.
        case shuttingDown
    }

    let loop: ProxyLoop
    var forwarded: ForwardedFields
    let redirectsToTLS: Bool
    var context: ChannelHandlerContext?
    var phase = Phase.awaitingHead(scanned: 0)
    var persistence = Persistence.open
    var watch: ClientWatch

    /// Bytes from the client that the exchange hasn't taken yet.
    var inbound = ByteBuffer()
    var head = RequestHead()
    /// The position in the request's body.
    var body = RequestBody.complete
    var exchange = Exchange()
    var forwarding = Forwarding()
    var clientFraming = ClientFraming.same
    /// Whether the answer's body may tell of a login.
    var mayTellLogin = false
    var output = Output()
    /// The record of the last exchange; nil where it isn't recorded.
    var traffic: TrafficEntry?

    private var isAdvancing = false
    private var holdsRead = false

    /// The bytes for the client: small pieces are collected, so that they go out together.
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

        /// Reuses the buffer of the bytes that were taken, now that they are written.
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
        // The time limit of a head runs from its first byte, however slowly the others come.
        if inbound.readableBytes == 0 { beginWait() }
        inbound.append(unwrapInboundIn(data))
        advance(flushes: false)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        advance()
        // A drained buffer is released, so that the next read can reuse its memory.
        if inbound.readableBytes == 0 { inbound = ByteBuffer() }
    }

    /// Reads on only if there is room for the bytes.
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
        traffic?.clientLeft()
        phase = .closing
        context.fireChannelInactive()
    }

    // MARK: Progress

    /// Takes as much of `inbound` as possible, part by part, and flushes the results.
    ///
    /// This is the only loop. The functions that a step calls must not take the next step, or a
    /// client that sends thousands of requests at once would exhaust the stack; nested calls return
    /// at once.
    func advance(flushes: Bool = true) {
        guard !isAdvancing else { return }
        isAdvancing = true
        // A flush may report at once that the client takes more.
        repeat { while step() {} } while flushes && flushAll()
        isAdvancing = false
        resumeReading()
    }

    /// Whether another answer may begin; otherwise the client first has to read the last one.
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
        // Reading goes on, so that the proxy notices when the client leaves.
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

    /// Flushes the client's bytes; false if there were none.
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
