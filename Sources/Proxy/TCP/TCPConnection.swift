import NIOCore

/// A client's connection to a TCP name: after TLS, bytes pass both ways unread.
///
/// The name was told by TLS (SNI, RFC 6066 section 3), so one port serves any number of databases.
final class TCPConnection: ChannelDuplexHandler, ClientConnection, ResponseReceiver {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What the client asked for.
    struct Request {
        /// Nil where it told no name.
        var name: String?
        /// Nil where no TCP name is called so.
        var upstream: Upstream?
        /// Whether the client takes PostgreSQL's errors.
        var isPostgreSQL: Bool
    }

    private enum Phase {
        case connecting(hasWaited: Bool)
        case tunnelling
        case closing
    }

    private let loop: ProxyLoop
    private let request: Request
    private var context: ChannelHandlerContext?
    private var phase = Phase.connecting(hasWaited: false)
    private var connection: UpstreamConnection?
    /// The client's bytes until the upstream is there.
    private var inbound = ByteBuffer()
    private var holdsRead = false
    private var hasEnded = false
    private var watch: ClientWatch

    init(loop: ProxyLoop, request: Request) {
        self.loop = loop
        self.request = request
        watch = ClientWatch(loop.clients)
    }

    // MARK: The client

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        loop.clients.opened(self)
        context.channel.setOption(.allowRemoteHalfClosure, value: true).whenComplete { _ in }
        guard let upstream = request.upstream else { return refuse(unknownName) }
        if let connection = upstream.acquire(for: self, fresh: true) {
            upstreamConnected(connection)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        loop.clients.closed(self)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch phase {
        case .connecting: inbound.append(unwrapInboundIn(data))
        case .tunnelling: connection?.send(unwrapInboundIn(data))
        case .closing: break
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        connection?.flush()
    }

    func read(context: ChannelHandlerContext) {
        if takesInput { context.read() } else { holdsRead = true }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        watch.look(context, loop.clients)
        guard context.channel.isWritable else { return }
        connection?.resumeReading()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case .inputClosed? = event as? ChannelEvent else {
            return context.fireUserInboundEventTriggered(event)
        }
        switch phase {
        case .connecting: hasEnded = true
        case .tunnelling: connection?.endTunnelInput()
        case .closing: closeNow()
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(mode: .all, promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        request.upstream?.cancelPending(self)
        connection?.abort()
        connection = nil
        phase = .closing
        context.fireChannelInactive()
    }

    /// While the app starts, reading goes on a little, so that a client that leaves is noticed.
    private var takesInput: Bool {
        switch phase {
        case .connecting: inbound.readableBytes < ClientLimits.input
        case .tunnelling: connection?.isWritable ?? false
        case .closing: true
        }
    }

    private func resumeReading() {
        guard holdsRead, takesInput, let context else { return }
        holdsRead = false
        context.read()
    }

    // MARK: The upstream

    var isTunnel: Bool { true }
    var isWritable: Bool { context?.channel.isWritable ?? true }
    var takesRawChunks: Bool { true }
    var asksForUpgrade: Bool { false }

    func upstreamConnected(_ connection: UpstreamConnection) {
        guard case .connecting = phase, context != nil else { return connection.abort() }
        phase = .tunnelling
        self.connection = connection
        connection.beginTunnel(for: self)
        if inbound.readableBytes > 0 { connection.send(inbound) }
        inbound = ByteBuffer()
        connection.flush()
        if hasEnded { connection.endTunnelInput() }
        resumeReading()
    }

    func upstreamUnreachable(_ reason: UpstreamFailure) {
        guard case .connecting(let hasWaited) = phase, let upstream = request.upstream else {
            return
        }
        if reason == .booting, !hasWaited {
            phase = .connecting(hasWaited: true)
            return upstream.acquireWhenListening(for: self)
        }
        let page = loop.page(.failed(reason), to: PageRequest(isSecure: true), from: upstream)
        // cannot_connect_now
        refuse(("57P03", "portless: \(page.failure ?? page.reason)"))
    }

    func receiveHead(_ head: ResponseHead, _ bytes: ByteBuffer) {}
    func receiveBody(_ bytes: ByteBuffer) {}
    func receiveEnd(trailers: ByteBuffer?) {}

    func receiveTunnelled(_ bytes: ByteBuffer) {
        context?.write(wrapOutboundOut(bytes), promise: nil)
    }

    func receiveTunnelEnd() {
        context?.flush()
        context?.close(mode: .output, promise: nil)
    }

    func upstreamFailed(_ reason: UpstreamFailure) {
        connection = nil
        close(after: ByteBuffer())
    }

    func upstreamReadComplete() { context?.flush() }

    func upstreamBecameWritable() { resumeReading() }

    // MARK: The end

    private var unknownName: (code: String, message: String) {
        guard let name = request.name else {
            return (
                "08004",
                "portless: this client tells no host name in TLS, so its database is unknown. "
                    + "Connect to the database's own port; `portless list` shows it.",
            )
        }
        return (
            "3D000",
            "portless: \(name) is no TCP name. `portless alias <name> <port> --tcp` makes one.",
        )
    }

    private func refuse(_ error: (code: String, message: String)) {
        close(
            after: request.isPostgreSQL
                ? PostgreSQLStart.error(error.code, error.message) : ByteBuffer()
        )
    }

    /// Sends the last bytes and closes; unread bytes of the client would reset the connection, so it
    /// gets some time to read.
    private func close(after last: ByteBuffer) {
        phase = .closing
        inbound = ByteBuffer()
        guard let context else { return }
        let written = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(last), promise: written)
        written.futureResult.assumeIsolated().whenComplete { _ in
            self.context?.close(mode: .output, promise: nil)
            let farewell = self.loop.configuration.limits.farewell
            self.loop.eventLoop.assumeIsolated().scheduleTask(in: farewell) { self.closeNow() }
        }
        resumeReading()
    }

    func closeNow() { context?.close(mode: .all, promise: nil) }

    func expire() { context?.closeSocket() }

    /// Its end is the client's or the app's matter.
    func shutDownGracefully(closesIdle: Bool) {}

    // MARK: Deadlines

    /// A session with a database may be silent for days.
    var wait: ClientWait? {
        if case .closing = phase { watch.wait(loop.configuration.limits.unread) } else { nil }
    }

    var unreadBytes: Int { watch.unreadBytes }
    var lastMovement: Moment { watch.since }

    func sweep() -> Bool {
        watch.look(context, loop.clients)
        return false
    }
}
