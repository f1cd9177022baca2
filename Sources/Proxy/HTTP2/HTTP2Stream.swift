import Logging
import NIOCore
import NIOHPACK
import NIOHTTP2
import PortlessCore

/// One exchange of an HTTP/2 session: its request goes upstream as HTTP/1.1, the answer comes back
/// as frames.
///
/// The answer's side is in the extension `+Response`.
final class HTTP2Stream {
    /// Answer bytes that wait for the client's window beyond this stop the reading upstream.
    static let pendingLimit = 256 * 1024

    let id: HTTP2StreamID
    let connection: HTTP2Connection
    /// What the client lets us send on this stream.
    var window: Int

    var request: HTTP2Request?
    var upstream: Upstream?
    var upstreamConnection: UpstreamConnection?
    private var upstreamHead = ByteBuffer()
    private var mayRetry = false
    private var hasWaitedForBoot = false
    private var sendsChunks = false
    private(set) var isRequestComplete = false
    /// Body that came before there was a connection to send it on.
    private var earlyBody = ByteBuffer()
    private var requestTrailers: HPACKHeaders?
    /// Body bytes that the client isn't told of yet as consumed.
    private var uncreditedBytes = 0

    /// The answer's head, held back until it is known whether anything follows.
    var heldHeaders: HPACKHeaders?
    /// The answer's data that the windows don't admit yet.
    var pending = ByteBuffer()
    var heldTrailers: HPACKHeaders?
    var isResponseComplete = false
    var hasSentHeaders = false
    var isTunnel = false
    /// The answer goes on for as long as the app likes, with pauses of any length.
    var isEventStream = false
    /// When something moved last.
    var waitBegan: Moment
    /// Our end of the stream was closed; the client may still send.
    var hasSentEnd = false
    /// The stream is gone: nothing may be sent on it any more.
    var isReset = false

    init(id: HTTP2StreamID, connection: HTTP2Connection, window: Int) {
        self.id = id
        self.connection = connection
        self.window = window
        waitBegan = connection.loop.clients.beginWait()
    }

    private var loop: ProxyLoop { connection.loop }

    // MARK: The request

    func receiveRequest(_ headers: HPACKHeaders, endsStream: Bool) {
        if endsStream { isRequestComplete = true }
        let request: HTTP2Request
        do {
            request = try HTTP2Request(headers, makeKey: WebSocketHandshake.makeKey)
        } catch {
            refuse(error)
            return
        }
        self.request = request
        if request.hops >= ForwardingLimits.hops {
            loop.logger.warning("Loop detected for \(request.authority)")
            answer { $0.loop($1, upstream: self.route(request)?.route) }
            return
        }
        if connection.redirectsToTLS {
            answer { $0.redirect($1) }
            return
        }
        guard let upstream = route(request) else {
            answer { $0.notFound($1, routes: self.loop.router.currentRoutes()) }
            return
        }
        self.upstream = upstream
        sendsChunks = request.webSocket == nil && request.sendsChunks(hasBody: !endsStream)
        request.write(
            headers,
            hasBody: !endsStream,
            forwarded: connection.forwarded,
            to: &upstreamHead,
        )
        mayRetry = request.methodKind.isIdempotent
        if let idle = upstream.acquire(for: self, fresh: request.webSocket != nil) {
            begin(on: idle)
            idle.flush()
        }
    }

    private func route(_ request: HTTP2Request) -> Upstream? {
        let authority = Array(request.authority.utf8)
        return loop.router.upstream(for: authority.span)
    }

    func receiveBody(_ bytes: ByteBuffer, flowControlled size: Int, endsStream: Bool) {
        uncreditedBytes += size
        beginWait()
        if endsStream { isRequestComplete = true }
        // What comes behind an answer that is already whole has nowhere to go.
        guard !isReset, !(isResponseComplete && upstreamConnection == nil) else { return }
        guard let upstreamConnection, request?.webSocket == nil || isTunnel else {
            earlyBody.writeImmutableBuffer(bytes)
            return
        }
        sendBody(bytes, on: upstreamConnection)
        if endsStream { endRequest(on: upstreamConnection) }
        upstreamConnection.flush()
        creditConsumed()
    }

    func receiveTrailers(_ headers: HPACKHeaders) {
        isRequestComplete = true
        guard !isReset else { return }
        do {
            try HTTP2Request.checkTrailers(headers)
        } catch {
            // The upstream has seen a part of a request that is no request: it must see no more.
            connection.reset(id, .protocolError)
            clientReset()
            return
        }
        requestTrailers = headers
        guard let upstreamConnection else { return }
        endRequest(on: upstreamConnection)
        upstreamConnection.flush()
    }

    private func begin(on connection: UpstreamConnection) {
        upstreamConnection = connection
        connection.begin(
            upstreamHead,
            method: request?.webSocket == nil ? request?.methodKind ?? .other : .get,
            for: self,
        )
        guard request?.webSocket == nil else { return }
        sendEarlyBody(on: connection)
    }

    /// Sends what waited for the connection, or for the tunnel to open.
    func sendEarlyBody(on connection: UpstreamConnection) {
        sendBody(earlyBody, on: connection)
        earlyBody = ByteBuffer()
        creditConsumed()
        if isRequestComplete { endRequest(on: connection) }
    }

    private func sendBody(_ bytes: ByteBuffer, on connection: UpstreamConnection) {
        guard bytes.readableBytes > 0 else { return }
        mayRetry = false
        guard sendsChunks else {
            connection.send(bytes)
            return
        }
        var framed = ByteBuffer()
        framed.writeString(String(bytes.readableBytes, radix: 16))
        framed.writeStaticString("\r\n")
        framed.writeImmutableBuffer(bytes)
        framed.writeStaticString("\r\n")
        connection.send(framed)
    }

    private func endRequest(on connection: UpstreamConnection) {
        if isTunnel {
            connection.endTunnelInput()
            return
        }
        if sendsChunks {
            var end = ByteBuffer()
            end.writeStaticString("0\r\n")
            for (name, value, _) in requestTrailers ?? [:] { end.writeField(name, value) }
            end.writeStaticString("\r\n")
            connection.send(end)
        }
        connection.endRequest()
        // With both halves done the connection is back in its pool.
        if isResponseComplete { upstreamConnection = nil }
    }

    /// Lets the client send more, once the upstream has room for it.
    private func creditConsumed() {
        guard let upstreamConnection, upstreamConnection.isWritable,
            uncreditedBytes >= HTTP2Limits.streamWindow / 4, !isRequestComplete
        else { return }
        connection.creditStream(id, uncreditedBytes)
        uncreditedBytes = 0
    }

    func upstreamConnected(_ connection: UpstreamConnection) {
        guard !isReset, upstreamConnection == nil, !isResponseComplete else {
            connection.returnUnused()
            return
        }
        begin(on: connection)
        connection.flush()
    }

    func upstreamBecameWritable() {
        creditConsumed()
    }

    // MARK: Failures

    func upstreamUnreachable(_ reason: UpstreamFailure) {
        guard let upstream, let request, !isReset else { return }
        let page = pageRequest(request)
        if reason == .booting, !page.isNavigation, !hasWaitedForBoot {
            hasWaitedForBoot = true
            upstream.acquireWhenListening(for: self)
            return
        }
        loop.logger.warning("Proxy error for \(upstream.route.hostname): \(reason)")
        answer { $0.failed($1, route: upstream.route, reason) }
    }

    func upstreamFailed(_ reason: UpstreamFailure) {
        upstreamConnection = nil
        guard !isReset else { return }
        if isResponseComplete {
            // The rest of the upload has nowhere to go any more.
            if hasSentEnd { connection.resetBehindData(id) }
        } else if isTunnel {
            endResponse(trailers: nil)
        } else if hasSentHeaders || heldHeaders != nil {
            isReset = true
            connection.reset(id, .internalError)
        } else if reason == .stale, mayRetry, let upstream {
            if let fresh = upstream.acquire(for: self, fresh: true) { begin(on: fresh) }
        } else {
            upstreamUnreachable(reason)
        }
    }

    /// The client has reset the stream, or its session ended.
    func clientReset() {
        isReset = true
        upstream?.leaveWaitingRoom(self)
        upstreamConnection?.abort()
        upstreamConnection = nil
        pending = ByteBuffer()
    }

    // MARK: The proxy's own answers

    private func refuse(_ refusal: HTTP2Request.Refusal) {
        switch refusal {
        case .malformed:
            isReset = true
            connection.reset(id, .protocolError)
        case .tooLarge: answer { pages, _ in pages.refused(.tooLarge) }
        case .unsupportedMethod: answer { pages, _ in pages.refused(.unsupportedMethod) }
        case .missingHost: answer { pages, _ in pages.missingHost() }
        }
    }

    private func pageRequest(_ request: HTTP2Request?) -> PageRequest {
        var page = PageRequest(isSecure: connection.forwarded.isSecure)
        guard let request else { return page }
        page.method = request.method
        page.path = request.path
        page.authority = request.authority
        page.accept = request.accept
        page.hops = request.hops
        return page
    }

    func answer(_ make: (Pages, PageRequest) -> Page) {
        let page = make(Pages(configuration: loop.configuration), pageRequest(request))
        heldHeaders = HTTP2Response.headers(page, version: loop.configuration.version)
        if request?.methodKind != .head { pending.writeBytes(page.body) }
        endResponse(trailers: nil)
    }
}
