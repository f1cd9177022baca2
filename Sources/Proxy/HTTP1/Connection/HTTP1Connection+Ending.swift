import HostSystem
import NIOCore

/// The proxy's own answers, and the ends of exchanges and of the connection.
extension HTTP1Connection {
    // MARK: The proxy's own answers

    /// Answers a request that the proxy doesn't or can't forward, in a form that suits the client.
    func answer(_ own: OwnAnswer) {
        let upstream = forwarding.upstream ?? (own == .loop ? route().upstream : nil)
        var request: PageRequest
        if forwarding.upstream == nil {
            request = PageRequest(head, inbound, isSecure: forwarded.isSecure)
            inbound.moveReaderIndex(forwardBy: head.length)
        } else {
            request = forwardedRequest
        }
        request.isRemote = forwarded.isRemote
        let page = loop.page(own, to: request, from: upstream)
        traffic?.answered(page, version: loop.configuration.version)
        send(page)
    }

    /// Answers a request whose head was read and not passed on.
    func answer(_ page: Page) {
        inbound.moveReaderIndex(forwardBy: head.length)
        if persistence != .shuttingDown { persistence = head.keepsAlive ? .open : .lastExchange }
        send(page)
    }

    /// The request as it went upstream: the client's own bytes are gone by now.
    var forwardedRequest: PageRequest {
        let bytes = forwarding.head
        var sent = RequestHead()
        _ = try? sent.parse(bytes.readableBytesUInt8Span)
        return PageRequest(sent, bytes, isSecure: forwarded.isSecure)
    }

    /// Refuses an invalid request, after which the client's bytes can't be trusted.
    func refuse(_ error: HeadError) {
        phase = .exchange
        endAfterExchange()
        head.minorVersion = 1
        head.methodKind = .other
        body = .complete
        let request = PageRequest(isSecure: forwarded.isSecure)
        let page = loop.page(.refused(error), to: request, from: nil)
        traffic?.answered(page, version: loop.configuration.version)
        send(page, lingers: true)
    }

    private func send(_ page: Page, lingers: Bool = false) {
        // A client that waits for 100 (Continue) may send its body or not, so its next request
        // can't be located. Any other body is read to its end.
        if head.isUpgrade || head.expectsContinue, !body.isComplete { endAfterExchange() }
        write(page)
        let completion = exchange.answered()
        if endsAfterExchange {
            closeAfterFlush(lingers: lingers || !body.isComplete)
        } else if completion == .finished {
            finishExchange()
        }
    }

    private func write(_ page: Page) {
        output.collected.writeString("HTTP/1.1 \(page.status) \(page.reason)\r\n")
        output.collected.writeString("content-type: \(page.contentType)\r\n")
        output.collected.writeString("content-length: \(page.body.count)\r\n")
        for (name, value) in page.fields {
            output.collected.writeString("\(name): \(value)\r\n")
        }
        if loop.gate == nil {
            output.collected.writeString("x-portless-version: \(loop.configuration.version)\r\n")
            output.collected.writeStaticString("X-Portless: 1\r\n")
        }
        if endsAfterExchange {
            output.collected.writeStaticString("connection: close\r\n")
        } else if head.minorVersion == 0 {
            output.collected.writeStaticString("connection: keep-alive\r\n")
        }
        output.collected.writeStaticString("\r\n")
        if head.methodKind != .head { output.collected.writeBytes(page.body) }
    }

    // MARK: The end of an exchange

    func finishExchange() {
        forwarding.connection = nil
        forwarding.upstream = nil
        guard !endsAfterExchange else { return closeAfterFlush(lingers: !body.isComplete) }
        phase = .awaitingHead(scanned: 0)
        beginWait()
    }

    var endsAfterExchange: Bool { persistence != .open }

    func endAfterExchange() {
        if persistence == .open { persistence = .lastExchange }
    }

    /// Ends an incomplete answer in a way that the client recognises as broken.
    func breakOff() {
        flush()
        // Where only the connection's end frames the body, an orderly end would look complete; a
        // reset doesn't.
        if clientFraming == .untilClose {
            (context?.channel as? any SocketOptionProvider)?.setSoLinger(abortiveClose)
                .whenComplete { _ in }
        }
        closeNow()
    }

    // MARK: The end of the connection

    /// Closes after the pending writes; a client that may still send gets time to read the answer.
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

    func shutDownGracefully(closesIdle: Bool) {
        persistence = .shuttingDown
        if closesIdle, case .awaitingHead = phase, inbound.readableBytes == 0 { closeNow() }
    }

    func closeNow() {
        context?.close(mode: .all, promise: nil)
    }

    // MARK: Deadlines

    func beginWait() {
        watch.restart(loop.clients)
    }

    var wait: ClientWait? {
        waitLimit.map(watch.wait)
    }

    private var waitLimit: TimeAmount? {
        let limits = loop.configuration.limits
        let unread = watch.unreadBytes > 0 ? limits.unread : nil
        switch phase {
        case .closing: return limits.unread
        case .awaitingHead:
            return unread ?? (inbound.readableBytes == 0 ? limits.idle : limits.head)
        case .exchange: break
        }
        switch exchange.patience {
        case .unlimited: return nil
        case .thinking: return unread
        case .moving: return unread ?? limits.body
        }
    }

    var unreadBytes: Int { watch.unreadBytes }
    var lastMovement: Moment { watch.since }

    func sweep() -> Bool {
        watch.look(context, loop.clients)
        return false
    }

    func expire() {
        if exchange.hasAnswer { breakOff() } else { context?.closeSocket() }
    }
}
