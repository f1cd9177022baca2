import NIOCore
import NIOHPACK
import NIOHTTP2

extension HTTP2Stream: ResponseReceiver {
    var isWritable: Bool {
        connection.isWritable && pending.readableBytes < Self.pendingLimit
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
        if response.isUpgrade {
            beginTunnel(response, span)
            return
        }
        beginWait()
        isEventStream = response.isEventStream(span)
        hold(HTTP2Response.headers(response, span))
    }

    private func hold(_ headers: HPACKHeaders) {
        guard headers.fitOneFrame else {
            upstreamConnection?.abort()
            upstreamConnection = nil
            upstreamUnreachable(.malformed("header larger than the 16 KiB that go over HTTP/2"))
            return
        }
        heldHeaders = headers
    }

    func receiveBody(_ bytes: ByteBuffer) {
        guard !isReset else { return }
        // What was read before this goes out first, so that the copy stays small.
        if pending.readableBytes > 0 { sendPending() }
        pending.append(bytes)
    }

    func receiveEnd(trailers: ByteBuffer?) {
        // Otherwise the rest of the request still goes to the upstream.
        if isRequestComplete { upstreamConnection = nil }
        let fields = trailers.flatMap(HTTP2Response.trailers)
        guard fields?.fitOneFrame ?? true else {
            upstreamFailed(.truncated)
            return
        }
        endResponse(trailers: fields)
    }

    func receiveTunnelled(_ bytes: ByteBuffer) {
        receiveBody(bytes)
    }

    func receiveTunnelEnd() {
        endResponse(trailers: nil)
    }

    func upstreamReadComplete() {
        sendPending()
    }

    func clientBecameWritable() {
        sendPending()
        upstreamConnection?.resumeReading()
    }

    func endResponse(trailers: HPACKHeaders?) {
        isResponseComplete = true
        heldTrailers = trailers
        sendPending()
    }

    /// Sends what the windows admit of head, data and end.
    func sendPending() {
        guard !isReset, !hasSentEnd else { return }
        sendHead()
        sendData()
        if pending.readableBytes < Self.pendingLimit { upstreamConnection?.resumeReading() }
    }

    private func sendHead() {
        guard let headers = heldHeaders else { return }
        let isAll = isResponseComplete && pending.readableBytes == 0 && heldTrailers == nil
        heldHeaders = nil
        hasSentHeaders = true
        connection.send(headers, on: id, endsStream: isAll)
        if isAll { didSendEnd() }
    }

    private func sendData() {
        guard hasSentHeaders, !hasSentEnd else { return }
        let length = min(pending.readableBytes, connection.allowance(window))
        let isLast = isResponseComplete && length == pending.readableBytes
        if length > 0, let part = pending.readSlice(length: length) {
            window -= length
            beginWait()
            let isEnd = isLast && heldTrailers == nil
            connection.send(part, on: id, endsStream: isEnd)
            if isEnd { didSendEnd() }
        }
        if pending.readableBytes > 0 {
            if window > 0 { connection.waitForWindow(id) }
            return
        }
        pending = ByteBuffer()
        guard isLast, !hasSentEnd else { return }
        if let heldTrailers {
            connection.send(heldTrailers, on: id, endsStream: true)
        } else {
            connection.send(ByteBuffer(), on: id, endsStream: true)
        }
        didSendEnd()
    }

    /// RFC 9113 section 8.1: a client whose answer is whole is told to stop an upload that nobody
    /// reads any more.
    private func didSendEnd() {
        hasSentEnd = true
        if !isRequestComplete, upstreamConnection == nil {
            isReset = true
            connection.resetBehindData(id)
        }
    }

    private func beginTunnel(_ response: ResponseHead, _ span: Span<UInt8>) {
        let accepted = HTTP2Response.headers(response, span).first(name: "sec-websocket-accept")
        guard let webSocket = request?.webSocket,
            accepted == WebSocketHandshake.accept(for: webSocket.key)
        else {
            upstreamConnection?.abort()
            upstreamConnection = nil
            answer { pages, _ in pages.invalidHandshake() }
            return
        }
        isTunnel = true
        hold(HTTP2Response.tunnelHeaders(response, span))
        sendPending()
        if let upstreamConnection { sendEarlyBody(on: upstreamConnection) }
    }
}
