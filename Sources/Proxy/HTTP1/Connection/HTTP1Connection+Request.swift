import Logging
import NIOCore
import PortlessCore

extension HTTP1Connection {
    /// Takes the next part of `inbound`; false where nothing can be done with it now.
    func step() -> Bool {
        guard inbound.readableBytes > 0 else { return false }
        switch phase {
        case .awaitingHead: return takesAnswers && readHead()
        case .exchange:
            guard !body.isComplete, let connection else { return false }
            return sendBody(to: connection)
        case .tunnel:
            connection?.send(inbound)
            inbound = ByteBuffer()
        case .discarding: return discardBody()
        case .closing: inbound = ByteBuffer()
        }
        return true
    }

    // MARK: Heads

    /// Reads one head and starts its exchange; false where more bytes are needed.
    private func readHead() -> Bool {
        skipEmptyLine()
        let bytes = inbound
        do throws(HeadError) {
            if scanned > 0 {
                guard HeadScanner.mayBeComplete(bytes.readableBytesUInt8Span, scanned: scanned)
                else { return try waitForHead() }
            }
            guard try head.parse(bytes.readableBytesUInt8Span) else { return try waitForHead() }
        } catch {
            refuse(error)
            return false
        }
        scanned = 0
        startExchange()
        return true
    }

    private func waitForHead() throws(HeadError) -> Bool {
        guard inbound.readableBytes < HeadScanner.maximumSize else { throw .tooLarge }
        scanned = inbound.readableBytes
        return false
    }

    /// RFC 9112 section 2.2: an empty line before a request line is ignored.
    private func skipEmptyLine() {
        guard scanned == 0,
            inbound.getInteger(at: inbound.readerIndex, as: UInt16.self) == 0x0D0A
        else { return }
        inbound.moveReaderIndex(forwardBy: 2)
    }

    private func startExchange() {
        phase = .exchange
        beginWait()
        body = RequestBody(head.framing)
        persists = head.keepsAlive
        hasResponseBegun = false
        isResponseComplete = false
        isEventStream = false
        connection = nil
        hasWaitedForBoot = false
        if head.hops >= ForwardingLimits.hops {
            let upstream = routedUpstream()
            answer { pages, request in
                self.loop.logger.warning("Loop detected for \(request.host)")
                return pages.loop(request, upstream: upstream?.route)
            }
            return
        }
        if redirectsToTLS, !head.isUpgrade {
            answer { pages, request in pages.redirect(request) }
            return
        }
        guard !head.authority.isEmpty else {
            answer { pages, _ in pages.missingHost() }
            return
        }
        guard let upstream = routedUpstream() else {
            answer { pages, request in
                pages.notFound(request, routes: self.loop.router.currentRoutes())
            }
            return
        }
        self.upstream = upstream
        upstreamHead.clear()
        let bytes = inbound
        head.splice(bytes.readableBytesUInt8Span, adding: &forwarded, to: &upstreamHead)
        inbound.moveReaderIndex(forwardBy: head.length)
        mayRetry = head.methodKind.isIdempotent
        connect(to: upstream)
    }

    private func routedUpstream() -> Upstream? {
        let bytes = inbound
        let authority = head.authority.start..<head.authority.end
        return loop.router.upstream(for: bytes.readableBytesUInt8Span.extracting(authority))
    }

    // MARK: Sending upstream

    private func connect(to upstream: Upstream) {
        // An upgraded connection never returns to the pool, so it isn't taken from it either.
        if let connection = upstream.acquire(for: self, fresh: head.isUpgrade) {
            begin(on: connection)
        }
    }

    private func begin(on connection: UpstreamConnection) {
        self.connection = connection
        connection.begin(upstreamHead, method: head.methodKind, for: self)
        if body.isComplete { connection.endRequest() }
    }

    /// Sends what has come of the body; false where there is nothing to send.
    private func sendBody(to connection: UpstreamConnection) -> Bool {
        do {
            guard let part = try body.take(from: &inbound) else { return false }
            mayRetry = false
            beginWait()
            connection.send(part)
        } catch {
            // The upstream has seen a part of a request that is no request: it must not see more.
            connection.abort()
            self.connection = nil
            if hasResponseBegun { closeNow() } else { refuse(error) }
            return false
        }
        if body.isComplete {
            connection.endRequest()
            if isResponseComplete { finishExchange() }
        }
        return true
    }

    func upstreamConnected(_ connection: UpstreamConnection) {
        guard phase == .exchange, self.connection == nil, !hasResponseBegun else {
            connection.returnUnused()
            return
        }
        begin(on: connection)
        advance()
    }

    func upstreamBecameWritable() {
        resumeReading()
    }

    /// Whether the failed request was sent again instead of being answered.
    func retry(after reason: UpstreamFailure) -> Bool {
        guard reason == .stale, mayRetry, let upstream else { return false }
        connection = nil
        // The pool's other connections are as old: a fresh one can't be stale.
        if let connection = upstream.acquire(for: self, fresh: true) { begin(on: connection) }
        return true
    }

    // MARK: Throwing away

    private func discardBody() -> Bool {
        do {
            while try body.take(from: &inbound) != nil { beginWait() }
        } catch {
            closeNow()
            return false
        }
        guard body.isComplete else { return false }
        finishExchange()
        return true
    }
}

enum ForwardingLimits {
    /// A request that came through here this often goes in a circle.
    static let hops = 5
}
