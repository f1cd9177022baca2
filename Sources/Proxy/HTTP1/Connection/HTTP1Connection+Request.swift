import NIOCore
import PortlessCore

extension HTTP1Connection {
    /// Takes the next part of `inbound`; false where it has to wait.
    func step() -> Bool {
        guard inbound.readableBytes > 0 else { return false }
        switch phase {
        case .awaitingHead(let scanned): return takesAnswers && readHead(scanned)
        case .closing:
            inbound = ByteBuffer()
            return true
        case .exchange: break
        }
        switch exchange.destination {
        case .held: return false
        case .upstream: return sendBody()
        case .tunnel:
            traffic?.sent(inbound)
            forwarding.connection?.send(inbound)
            inbound = ByteBuffer()
            return true
        case .nowhere: return discardBody()
        }
    }

    // MARK: Heads

    /// Reads one head and starts its exchange; false where more bytes are needed.
    private func readHead(_ scanned: Int) -> Bool {
        var scanned = scanned
        while scanned <= 1, skipEmptyLine() { scanned = 0 }
        let bytes = inbound
        do throws(HeadError) {
            if beginsEmptyLine { return try waitForHead() }
            if scanned > 0 {
                guard HeadScanner.mayBeComplete(bytes.readableBytesUInt8Span, scanned: scanned)
                else { return try waitForHead() }
            }
            guard try head.parse(bytes.readableBytesUInt8Span) else { return try waitForHead() }
            if !loop.logins.isEmpty, waitsForForm() {
                // Nothing of the body ends a head, so the whole is read again.
                phase = .awaitingHead(scanned: 0)
                return false
            }
        } catch {
            traffic = loop.traffic?.begin(refused: inbound, isSecure: forwarded.isSecure)
            refuse(error)
            return false
        }
        startExchange()
        return true
    }

    /// Whether the request may be a provider's answer to a login whose form isn't complete yet.
    private func waitsForForm() -> Bool {
        let bytes = inbound
        let span = bytes.readableBytesUInt8Span
        guard let length = head.formLength(span), bytes.readableBytes < head.length + length else {
            return false
        }
        let request = PageRequest(head, bytes, isSecure: forwarded.isSecure)
        return loop.expectsForm(authority: request.authority, target: request.path)
    }

    /// The worktree that the request belongs to as the answer to a login.
    private func loginTarget() -> Hostname? {
        let bytes = inbound
        let request = PageRequest(head, bytes, isSecure: forwarded.isSecure)
        let form = head.formLength(bytes.readableBytesUInt8Span).flatMap { length in
            bytes.slice(ByteRange(start: head.length, end: head.length + length))
        }
        return loop.loginTarget(
            authority: request.authority,
            target: request.path,
            form: form.map { String(buffer: $0) },
        )
    }

    private func waitForHead() throws(HeadError) -> Bool {
        guard inbound.readableBytes < HeadScanner.maximumSize else { throw .tooLarge }
        phase = .awaitingHead(scanned: inbound.readableBytes)
        return false
    }

    /// RFC 9112 section 2.2: empty lines before a request line are ignored.
    private func skipEmptyLine() -> Bool {
        guard inbound.getInteger(at: inbound.readerIndex, as: UInt16.self) == 0x0D0A else {
            return false
        }
        inbound.moveReaderIndex(forwardBy: 2)
        return true
    }

    /// The line feed may come later than the carriage return.
    private var beginsEmptyLine: Bool {
        inbound.readableBytes == 1
            && inbound.getInteger(at: inbound.readerIndex, as: UInt8.self) == 0x0D
    }

    private func startExchange() {
        phase = .exchange
        beginWait()
        body = RequestBody(head.framing)
        if let gate = loop.gate, !enters(gate) { return }
        traffic = loop.traffic?.begin(head, inbound, isSecure: forwarded.isSecure)
        if persistence != .shuttingDown { persistence = head.keepsAlive ? .open : .lastExchange }
        let request = Exchange.Request(
            host: !head.authority.isEmpty ? .named : head.minorVersion == 0 ? .omitted : .missing,
            hops: head.hops,
            isUpgrade: head.isUpgrade,
            isIdempotent: head.methodKind.isIdempotent,
            isWhole: body.isComplete,
        )
        let bytes = inbound
        let redirects =
            redirectsToTLS ? !head.hasPassedTLS(bytes.readableBytesUInt8Span) : false
        switch exchange.begin(request, redirectsToTLS: redirects, route: { route() }) {
        case .forward(let upstream): forward(to: upstream)
        case .answer(let own): answer(own)
        }
    }

    /// Whether the visitor may ask the app; the request's head is then the one for the app.
    private func enters(_ gate: VisitorGate) -> Bool {
        switch gate.admit(head, inbound) {
        case .pass(var bytes):
            inbound.moveReaderIndex(forwardBy: head.length)
            bytes.writeImmutableBuffer(inbound)
            inbound = bytes
            do throws(HeadError) {
                return try head.parse(bytes.readableBytesUInt8Span)
            } catch {
                refuse(error)
                return false
            }
        case .answer(let page):
            let request = Exchange.Request(
                host: .named,
                hops: 0,
                isUpgrade: head.isUpgrade,
                isIdempotent: head.methodKind.isIdempotent,
                isWhole: body.isComplete,
            )
            let nowhere: Exchange.Admission<Upstream> = exchange.begin(
                request,
                redirectsToTLS: false,
                route: { .answer(.notFound) },
            )
            _ = nowhere
            answer(page)
            return false
        }
    }

    func route() -> Exchange.Admission<Upstream> {
        if !loop.logins.isEmpty, let name = loginTarget() { return .answer(.relayed(to: name)) }
        let bytes = inbound
        let authority = head.authority.start..<head.authority.end
        return loop.route(
            authority: bytes.readableBytesUInt8Span.extracting(authority),
            of: forwarded,
            path: { head.path(bytes.readableBytesUInt8Span) },
        )
    }

    // MARK: Sending upstream

    private func forward(to upstream: Upstream) {
        forwarding.upstream = upstream
        traffic?.forwarded(to: upstream)
        forwarding.head.clear()
        let bytes = inbound
        let span = bytes.readableBytesUInt8Span
        head.splice(
            span,
            adding: &forwarded,
            host: upstream.host(
                replacing: span.extracting(head.authority.start..<head.authority.end)
            ),
            without: upstream.strippedPrefix,
            to: &forwarding.head,
        )
        inbound.moveReaderIndex(forwardBy: head.length)
        // An upgraded connection never returns to the pool, so it doesn't come from there either.
        if let connection = upstream.acquire(for: self, fresh: head.isUpgrade) {
            begin(on: connection)
        }
    }

    func begin(on connection: UpstreamConnection) {
        guard exchange.connected() else { return connection.returnUnused() }
        forwarding.connection = connection
        traffic?.connected(connection)
        connection.begin(forwarding.head, method: head.methodKind, for: self)
        if body.isComplete { connection.endRequest() }
    }

    func upstreamConnected(_ connection: UpstreamConnection) {
        begin(on: connection)
        advance()
    }

    /// Sends the pending part of the body; false where there is none.
    private func sendBody() -> Bool {
        do {
            guard let connection = forwarding.connection,
                let part = try body.take(from: &inbound)
            else { return false }
            exchange.sentBody()
            traffic?.sent(part)
            beginWait()
            connection.send(part)
        } catch {
            // The upstream has got a part of an invalid request, and must not get more.
            forwarding.abortConnection()
            if exchange.hasAnswer { closeNow() } else { refuse(error) }
            return false
        }
        if body.isComplete {
            forwarding.connection?.endRequest()
            endRequest()
        }
        return true
    }

    private func discardBody() -> Bool {
        do {
            while let part = try body.take(from: &inbound) {
                traffic?.sent(part)
                beginWait()
            }
        } catch {
            closeNow()
            return false
        }
        guard body.isComplete else { return false }
        endRequest()
        return true
    }

    private func endRequest() {
        if exchange.requestEnded() { finishExchange() }
    }

    func upstreamBecameWritable() {
        resumeReading()
    }
}
