import NIOCore
import NIOHPACK
import NIOHTTP2

/// One exchange of an HTTP/2 session: its request goes upstream as HTTP/1.1, the answer comes back
/// as frames.
///
/// The answer's side is in the extension `+Response`.
final class HTTP2Stream {
    let id: HTTP2StreamID
    let connection: HTTP2Connection
    var exchange = Exchange()
    var forwarding = Forwarding()
    var request: HTTP2Request?
    private var upload = HTTP2Upload()
    var answer: HTTP2Answer
    /// Nil where the exchange isn't recorded.
    private(set) var traffic: TrafficEntry?
    /// Whether the answer's body may tell of a login.
    var mayTellLogin = false
    /// The head of a request that waits for its form; see `LoginRelay`.
    private var deferred: HPACKHeaders?
    /// The time of the last movement.
    private(set) var waitBegan: Moment
    /// The bytes that the session has counted for this stream.
    private var counted = (answer: 0, upload: 0)

    init(id: HTTP2StreamID, connection: HTTP2Connection, window: Int) {
        self.id = id
        self.connection = connection
        answer = HTTP2Answer(window: window)
        waitBegan = connection.loop.clients.beginWait()
    }

    var loop: ProxyLoop { connection.loop }

    // MARK: The request

    func receiveRequest(_ headers: HPACKHeaders, endsStream: Bool) {
        // Its body may have arrived while the client took no answers.
        if endsStream { upload.end() }
        let request: HTTP2Request
        do {
            request = try HTTP2Request(headers, makeKey: WebSocketHandshake.makeKey)
        } catch {
            traffic = loop.traffic?.begin(
                refused: headers,
                isSecure: connection.forwarded.isSecure,
            )
            refuse(error)
            return
        }
        self.request = request
        traffic = loop.traffic?.begin(
            request,
            headers,
            isSecure: connection.forwarded.isSecure,
        )
        if !endsStream, !loop.logins.isEmpty, request.isForm(headers),
            loop.expectsForm(authority: request.authority, target: request.path)
        {
            deferred = headers
            return
        }
        begin(request, headers, endsStream: endsStream)
    }

    /// Goes on with a request whose form is complete.
    private func resumeDeferred() {
        guard let headers = deferred, let request else { return }
        deferred = nil
        begin(request, headers, endsStream: false)
    }

    private func begin(_ request: HTTP2Request, _ headers: HPACKHeaders, endsStream: Bool) {
        let isUpgrade = request.webSocket != nil
        let facts = Exchange.Request(
            host: .named,
            hops: request.hops,
            isUpgrade: isUpgrade,
            isIdempotent: request.methodKind.isIdempotent,
            // A WebSocket's request has no body: the bytes that follow are for the tunnel.
            isWhole: isUpgrade || upload.hasEnded,
        )
        let redirects = connection.redirectsToTLS && !request.hasPassedTLS
        let admission = exchange.begin(facts, redirectsToTLS: redirects) {
            route(request)
        }
        switch admission {
        case .answer(let own): answer(own)
        case .forward(let upstream):
            forwarding.upstream = upstream
            traffic?.forwarded(to: upstream)
            upload.isChunked = !isUpgrade && request.sendsChunks(hasBody: !endsStream)
            request.write(
                headers,
                hasBody: !endsStream,
                forwarded: connection.forwarded,
                host: upstream.host(replacing: Array(request.authority.utf8).span),
                without: upstream.strippedPrefix,
                to: &forwarding.head,
            )
            if let idle = upstream.acquire(for: self, fresh: isUpgrade) { begin(on: idle) }
        }
    }

    private func refuse(_ refusal: HTTP2Request.Refusal) {
        switch refusal {
        case .malformed: reset(.protocolError)
        case .tooLarge: answer(.refused(.tooLarge))
        case .unsupportedMethod: answer(.refused(.unsupportedMethod))
        case .missingHost: answer(.missingHost)
        }
    }

    func route(_ request: HTTP2Request) -> Exchange.Admission<Upstream> {
        if !loop.logins.isEmpty,
            let name = loop.loginTarget(
                authority: request.authority,
                target: request.path,
                form: upload.hasEnded ? String(buffer: upload.early) : nil,
            )
        {
            return .answer(.relayed(to: name))
        }
        let authority = Array(request.authority.utf8)
        return loop.route(
            authority: authority.span,
            of: connection.forwarded,
            path: { Array(request.path.utf8) },
        )
    }

    func receiveBody(_ bytes: ByteBuffer, flowControlled size: Int, endsStream: Bool) {
        upload.received(flowControlled: size, endsStream: endsStream)
        traffic?.sent(bytes)
        beginWait()
        switch exchange.destination {
        case .nowhere: return
        case .held:
            upload.hold(bytes)
            if endsStream {
                endRequest()
                resumeDeferred()
            }
        case .upstream, .tunnel:
            sendBody(bytes)
            if endsStream { endRequest() }
            forwarding.connection?.flush()
            creditConsumed()
        }
        countHeld()
    }

    func receiveTrailers(_ headers: HPACKHeaders) {
        guard !exchange.isAborted else { return }
        do {
            try HTTP2Request.checkTrailers(headers)
        } catch {
            // The upstream has got a part of an invalid request, and must not get more.
            reset(.protocolError)
            return
        }
        upload.end(trailers: headers)
        endRequest()
        resumeDeferred()
        forwarding.connection?.flush()
    }

    private func begin(on connection: UpstreamConnection) {
        guard exchange.connected() else { return connection.returnUnused() }
        forwarding.connection = connection
        traffic?.connected(connection)
        let method = request?.webSocket == nil ? request?.methodKind ?? .other : .get
        connection.begin(forwarding.head, method: method, for: self)
        if request?.webSocket == nil {
            sendEarlyBody()
        } else {
            connection.endRequest()
        }
        connection.flush()
    }

    func upstreamConnected(_ connection: UpstreamConnection) {
        begin(on: connection)
    }

    /// Sends the bytes that waited for the connection, or for the tunnel to open.
    func sendEarlyBody() {
        sendBody(upload.takeEarly())
        creditConsumed()
        if upload.hasEnded { endUpload() }
        countHeld()
    }

    private func sendBody(_ bytes: ByteBuffer) {
        guard bytes.readableBytes > 0 else { return }
        exchange.sentBody()
        forwarding.connection?.send(upload.framed(bytes))
    }

    /// The client has completed its request, or its side of the tunnel.
    private func endRequest() {
        let destination = exchange.destination
        let isOver = exchange.requestEnded()
        if destination == .upstream || destination == .tunnel { endUpload() }
        // With both halves complete the connection is back in its pool.
        if isOver { forwarding.connection = nil }
    }

    private func endUpload() {
        guard let connection = forwarding.connection else { return }
        if exchange.destination == .tunnel {
            connection.endTunnelInput()
        } else {
            if let lastChunk = upload.lastChunk { connection.send(lastChunk) }
            connection.endRequest()
        }
    }

    /// Lets the client send more, once the upstream has room for it.
    private func creditConsumed() {
        guard forwarding.connection?.isWritable == true, let credit = upload.takeCredit() else {
            return
        }
        connection.creditStream(id, credit)
    }

    func upstreamBecameWritable() {
        creditConsumed()
        countHeld()
    }

    /// Reports to the session how much this stream keeps.
    func countHeld() {
        let answer = self.answer.pendingBytes
        let isTaken = forwarding.connection?.isWritable ?? false
        let upload = isTaken ? 0 : self.upload.heldBytes
        guard answer != counted.answer || upload != counted.upload else { return }
        let last = counted
        counted = (answer, upload)
        connection.hold(answers: answer - last.answer, uploads: upload - last.upload)
    }

    // MARK: Sending the answer

    /// Sends as much of head, data and end as the windows allow.
    func sendPending() {
        guard !exchange.isAborted, !answer.isSent else { return }
        while let part = answer.next(allowance: connection.allowance) {
            switch part {
            case .headers(let headers, let isLast):
                connection.send(headers, on: id, endsStream: isLast)
            case .data(let bytes, let isLast):
                beginWait()
                connection.send(bytes, on: id, endsStream: isLast)
            }
        }
        if answer.pendingBytes > 0, answer.window > 0 { connection.waitForWindow(id) }
        stopUnreadUpload()
        countHeld()
        resumeReadingUpstream()
    }

    /// Tells a client with a complete answer to stop an upload that no app reads (RFC 9113 section
    /// 8.1).
    func stopUnreadUpload() {
        guard answer.isSent, !upload.hasEnded, forwarding.connection == nil else { return }
        exchange.abort()
        connection.resetAfterData(id)
    }

    // MARK: The end

    /// Ends the stream for both sides, before its answer is complete.
    func reset(_ code: HTTP2ErrorCode) {
        connection.reset(id, code)
        clientReset()
    }

    /// The client has reset the stream, or its session ended.
    func clientReset() {
        exchange.abort()
        forwarding.abort(self)
        traffic?.clientLeft()
        answer.drop()
        deferred = nil
        upload.drop()
        countHeld()
    }

    // MARK: Deadlines

    /// Bytes have moved: the wait for the client, or the app, begins again.
    func beginWait() {
        waitBegan = loop.clients.beginWait()
    }

    /// The wait of this stream; nil while the app may take any time.
    var wait: ClientWait? {
        guard !exchange.isAborted, !isUnbounded, !answer.isSent || !upload.hasEnded else {
            return nil
        }
        let limits = loop.configuration.limits
        if answer.pendingBytes > 0 { return ClientWait(since: waitBegan, limit: limits.unread) }
        guard exchange.patience == .moving else { return nil }
        return ClientWait(since: waitBegan, limit: limits.body)
    }

    var isUnbounded: Bool { exchange.patience == .unlimited }

    func expire() {
        reset(.cancel)
    }
}
