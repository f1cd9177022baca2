import NIOCore
import NIOHPACK
import NIOHTTP2

extension HTTP2Stream: ResponseReceiver {
    var isWritable: Bool {
        let limit = connection.held.isCrowded ? 1 : HTTP2Limits.heldStreamBytes
        return connection.isWritable && answer.pendingBytes < limit
    }

    func resumeReadingUpstream() {
        if isWritable { forwarding.connection?.resumeReading() }
    }

    var takesRawChunks: Bool { false }
    var asksForUpgrade: Bool { request?.webSocket != nil }

    func receiveHead(_ response: ResponseHead, _ bytes: ByteBuffer) {
        let span = bytes.readableBytesUInt8Span
        if response.isInterim {
            let headers = HTTP2Response.headers(response, span)
            if headers.fitOneFrame { connection.send(headers, on: id, endsStream: false) }
            return
        }
        beginWait()
        if response.isUpgrade {
            beginTunnel(response, span)
        } else if hold(HTTP2Response.headers(response, span)) {
            if response.isRedirect { loop.noteLogin(response, span, from: forwarding.upstream) }
            mayTellLogin = loop.mayTellLogin(response, span, from: forwarding.upstream)
            traffic?.answerBegan(response, span, isChunked: false)
            exchange.answerBegan(isEventStream: response.isEventStream(span))
        }
    }

    /// Keeps the head until it is known whether a body follows; false where it is too large.
    private func hold(_ headers: HPACKHeaders) -> Bool {
        guard headers.fitOneFrame else {
            forwarding.abortConnection()
            upstreamFailed(.malformed("header larger than the 16 KiB that go over HTTP/2"))
            return false
        }
        answer.begin(headers)
        return true
    }

    private func beginTunnel(_ response: ResponseHead, _ span: Span<UInt8>) {
        let accepted = HTTP2Response.headers(response, span).first(name: "sec-websocket-accept")
        guard let webSocket = request?.webSocket,
            accepted == WebSocketHandshake.accept(for: webSocket.key)
        else {
            forwarding.abortConnection()
            answer(.invalidHandshake)
            return
        }
        guard hold(HTTP2Response.tunnelHeaders(response, span)) else { return }
        exchange.tunnelOpened()
        traffic?.tunnelOpened(response, span)
        sendPending()
        sendEarlyBody()
        forwarding.connection?.flush()
    }

    func receiveBody(_ bytes: ByteBuffer) {
        guard !exchange.isAborted else { return }
        traffic?.received(bytes)
        if mayTellLogin { loop.noteLogin(json: bytes, from: forwarding.upstream) }
        // The kept bytes go out first, so that the copy stays small.
        if answer.pendingBytes > 0 { sendPending() }
        answer.append(bytes)
    }

    func receiveEnd(trailers: ByteBuffer?) {
        let fields = trailers.flatMap(HTTP2Response.trailers)
        guard fields?.fitOneFrame ?? true else {
            if !exchange.hasWholeRequest { forwarding.abortConnection() }
            upstreamFailed(.truncated)
            return
        }
        endAnswer(trailers: fields)
    }

    private func endAnswer(trailers: HPACKHeaders?) {
        traffic?.ended()
        // Otherwise the rest of the request still goes to the upstream.
        if exchange.answerEnded() != .requestGoesOn { forwarding.connection = nil }
        answer.finish(trailers: trailers)
        sendPending()
    }

    func receiveTunnelled(_ bytes: ByteBuffer) {
        receiveBody(bytes)
    }

    func receiveTunnelEnd() {
        // The client's side of the tunnel goes on.
        traffic?.ended()
        answer.finish(trailers: nil)
        sendPending()
    }

    func upstreamReadComplete() {
        sendPending()
    }

    func clientBecameWritable() {
        sendPending()
        resumeReadingUpstream()
    }

    // MARK: Failures

    func upstreamUnreachable(_ failure: UpstreamFailure) {
        let reason = connection.loop.reason(
            failure,
            of: forwarding.upstream,
            for: forwardedRequest,
        )
        recover(exchange.unreachable(reason, isNavigation: pageRequest.isNavigation))
    }

    func upstreamFailed(_ reason: UpstreamFailure) {
        forwarding.connection = nil
        let recovery = exchange.failed(reason)
        traffic?.failed(reason, recovery, of: forwarding.upstream)
        recover(recovery)
    }

    private func recover(_ recovery: Exchange.Recovery) {
        switch recovery {
        case .none: break
        case .connectAgain:
            if let fresh = forwarding.upstream?.acquire(for: self, fresh: true) {
                upstreamConnected(fresh)
            }
        case .waitForApp: forwarding.upstream?.acquireWhenListening(for: self)
        case .answer(let own): answer(own)
        case .breakOff: reset(.internalError)
        case .endTunnel: receiveTunnelEnd()
        case .discardRequest: stopUnreadUpload()
        }
    }

    // MARK: The proxy's own answers

    func answer(_ own: OwnAnswer) {
        let upstream =
            forwarding.upstream ?? (own == .loop ? request.flatMap { route($0).upstream } : nil)
        let page = connection.loop.page(own, to: pageRequest, from: upstream)
        let version = connection.loop.configuration.version
        traffic?.answered(page, version: version)
        _ = exchange.answered()
        answer.begin(HTTP2Response.headers(page, version: version))
        if request?.methodKind != .head { answer.append(ByteBuffer(bytes: page.body)) }
        answer.finish(trailers: nil)
        sendPending()
    }

    /// The request as it went upstream, with all of its fields.
    private var forwardedRequest: PageRequest {
        let bytes = forwarding.head
        var sent = RequestHead()
        _ = try? sent.parse(bytes.readableBytesUInt8Span)
        return PageRequest(sent, bytes, isSecure: connection.forwarded.isSecure)
    }

    private var pageRequest: PageRequest {
        var page = PageRequest(isSecure: connection.forwarded.isSecure)
        page.isRemote = connection.forwarded.isRemote
        guard let request else { return page }
        page.method = request.method
        page.path = request.path
        page.authority = request.authority
        page.accept = request.accept
        page.hops = request.hops
        return page
    }
}
