import Logging
import NIOCore
import NIOHPACK
import NIOHTTP2

/// A client's HTTP/2 session: sorts frames to their streams and shares the send window among them.
///
/// It stands behind the bare `NIOHTTP2Handler`, which keeps the protocol's state; a channel for
/// each stream would cost more than twice as much.
final class HTTP2Connection: ChannelDuplexHandler, ClientConnection {
    typealias InboundIn = HTTP2Frame
    typealias OutboundIn = HTTP2Frame
    typealias OutboundOut = HTTP2Frame

    let loop: ProxyLoop
    let forwarded: ForwardedFields
    let redirectsToTLS: Bool
    private var context: ChannelHandlerContext?
    private var streams: [HTTP2StreamID: HTTP2Stream] = [:]
    /// Streams that have more to send than the windows allow, in the order of their turns.
    private var blocked: [HTTP2StreamID] = []
    private var lastStream = HTTP2StreamID.rootStream

    /// What the client lets us send: on the connection, and on a new stream.
    private var sendWindow = 65_535
    private var initialStreamWindow = 65_535
    /// Bytes received since the client was last told that it may send more.
    private var uncreditedBytes = 0

    private var isFlushScheduled = false
    private var unflushedBytes = 0
    /// Whether the client takes more bytes.
    private(set) var isWritable = true
    private var holdsRead = false
    /// Requests that came while the client took no answers; how many there are, the limit of
    /// concurrent streams bounds.
    private var delayed: [DelayedRequest] = []
    /// Streams whose answer is whole and whose upload nobody wants.
    private var resetsBehindData: [HTTP2StreamID] = []
    private var isShuttingDown = false
    private var closesWhenDone = false
    /// NIOHTTP2 has ended the session for a violation of the protocol.
    private var hasFailed = false
    /// When the last stream ended, or something moved last on the connection itself.
    private var waitBegan: Moment
    /// What the client hadn't read yet at the last sweep.
    private var unsentBytes = 0

    private struct DelayedRequest {
        let stream: HTTP2Stream
        let headers: HPACKHeaders
        let endsStream: Bool
    }

    init(loop: ProxyLoop, forwarded: ForwardedFields, redirectsToTLS: Bool) {
        self.loop = loop
        self.forwarded = forwarded
        self.redirectsToTLS = redirectsToTLS
        waitBegan = loop.clients.beginWait()
    }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        isWritable = context.channel.isWritable
        loop.clients.opened(self)
        creditConnection(HTTP2Limits.connectionWindow - 65_535)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        loop.clients.closed(self)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        switch frame.payload {
        case .headers(let headers): receive(headers, on: frame.streamID)
        case .data(let data): receive(data, on: frame.streamID)
        case .rstStream: remove(frame.streamID)
        case .windowUpdate(let increment): widen(frame.streamID, by: increment)
        case .settings(.settings(let settings)): apply(settings)
        case .settings(.ack), .goAway, .ping, .priority, .pushPromise, .alternativeService, .origin:
            break
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        unflushedBytes = 0
        context.flush()
    }

    /// Reads on only while the client takes what that leads to.
    func read(context: ChannelHandlerContext) {
        if isWritable { context.read() } else { holdsRead = true }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        guard isWritable else { return }
        if holdsRead {
            holdsRead = false
            context.read()
        }
        drainBlocked()
        beginDelayed()
        for stream in streams.values { stream.clientBecameWritable() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case let closed as StreamClosedEvent: remove(closed.streamID)
        case .inputClosed as ChannelEvent: context.close(mode: .all, promise: nil)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    /// A stream's error was answered with a reset, a session's with GOAWAY: then it is over.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard hasFailed else { return }
        loop.logger.debug("HTTP/2 session ended: \(error)")
        context.close(mode: .all, promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        let open = streams
        streams.removeAll()
        blocked.removeAll()
        for stream in open.values { stream.clientReset() }
        context.fireChannelInactive()
    }

    // MARK: Receiving

    private func receive(_ headers: HTTP2Frame.FramePayload.Headers, on id: HTTP2StreamID) {
        if let stream = streams[id] {
            stream.receiveTrailers(headers.headers)
            return
        }
        lastStream = max(lastStream, id)
        guard streams.count < HTTP2Limits.concurrentStreams else {
            write(.rstStream(.refusedStream), on: id)
            scheduleFlush()
            return
        }
        let stream = HTTP2Stream(id: id, connection: self, window: initialStreamWindow)
        streams[id] = stream
        if isWritable {
            stream.receiveRequest(headers.headers, endsStream: headers.endStream)
        } else {
            delayed.append(
                DelayedRequest(
                    stream: stream,
                    headers: headers.headers,
                    endsStream: headers.endStream,
                )
            )
        }
    }

    private func beginDelayed() {
        while isWritable, !delayed.isEmpty {
            let request = delayed.removeFirst()
            guard !request.stream.isReset else { continue }
            request.stream.receiveRequest(request.headers, endsStream: request.endsStream)
        }
    }

    private func receive(_ data: HTTP2Frame.FramePayload.Data, on id: HTTP2StreamID) {
        // The padding counts for the windows as well (RFC 9113 section 6.1).
        let size = data.data.readableBytes + (data.paddingBytes.map { $0 + 1 } ?? 0)
        creditConnection(size)
        guard let stream = streams[id], case .byteBuffer(let bytes) = data.data else { return }
        stream.receiveBody(bytes, flowControlled: size, endsStream: data.endStream)
    }

    /// Gives the connection's window back as soon as bytes come, so that a stream whose upload
    /// stalls holds up no other; what it can hold is bounded by its own window.
    private func creditConnection(_ bytes: Int) {
        uncreditedBytes += bytes
        guard uncreditedBytes >= HTTP2Limits.connectionWindow / 4 else { return }
        write(.windowUpdate(windowSizeIncrement: uncreditedBytes), on: .rootStream)
        uncreditedBytes = 0
        scheduleFlush()
    }

    private func widen(_ id: HTTP2StreamID, by increment: Int) {
        if id == .rootStream {
            sendWindow += increment
            drainBlocked()
        } else if let stream = streams[id] {
            stream.window += increment
            stream.sendPending()
        }
    }

    private func apply(_ settings: HTTP2Settings) {
        for setting in settings where setting.parameter == .initialWindowSize {
            let change = setting.value - initialStreamWindow
            initialStreamWindow = setting.value
            for stream in streams.values {
                stream.window += change
                stream.sendPending()
            }
        }
    }

    // MARK: Sending

    /// How much a stream with this window may send now.
    func allowance(_ streamWindow: Int) -> Int { max(0, min(sendWindow, streamWindow)) }

    /// Sends fields; those that HTTP/2 doesn't allow cost their stream.
    func send(_ headers: HPACKHeaders, on id: HTTP2StreamID, endsStream: Bool) {
        guard let context else { return }
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenFailure { _ in
            self.reset(id, .internalError)
        }
        let frame = HTTP2Frame(
            streamID: id,
            payload: .headers(.init(headers: headers, endStream: endsStream)),
        )
        context.write(wrapOutboundOut(frame), promise: written)
        didWrite(HTTP2Limits.headersEstimate)
    }

    /// Sends data within the windows; the caller has asked for its allowance.
    func send(_ bytes: ByteBuffer, on id: HTTP2StreamID, endsStream: Bool) {
        sendWindow -= bytes.readableBytes
        write(.data(.init(data: .byteBuffer(bytes), endStream: endsStream)), on: id)
        didWrite(bytes.readableBytes)
    }

    func creditStream(_ id: HTTP2StreamID, _ bytes: Int) {
        guard streams[id] != nil else { return }
        write(.windowUpdate(windowSizeIncrement: bytes), on: id)
        scheduleFlush()
    }

    func reset(_ id: HTTP2StreamID, _ code: HTTP2ErrorCode) {
        guard streams[id] != nil else { return }
        write(.rstStream(code), on: id)
        scheduleFlush()
    }

    /// Asks the client to stop sending, once the answer's data is out: NIOHTTP2 drops the data of
    /// a stream that is reset before it was flushed.
    func resetBehindData(_ id: HTTP2StreamID) {
        resetsBehindData.append(id)
        scheduleFlush()
    }

    /// Puts a stream in line for the connection's window.
    func waitForWindow(_ id: HTTP2StreamID) {
        if !blocked.contains(id) { blocked.append(id) }
    }

    private func drainBlocked() {
        let waiting = blocked
        blocked.removeAll()
        for id in waiting { streams[id]?.sendPending() }
    }

    private func write(_ payload: HTTP2Frame.FramePayload, on id: HTTP2StreamID) {
        guard let context else { return }
        context.write(wrapOutboundOut(HTTP2Frame(streamID: id, payload: payload)), promise: nil)
    }

    /// Flushes at once what would be much, because only then it shows whether the client takes it.
    private func didWrite(_ bytes: Int) {
        unflushedBytes += bytes
        if unflushedBytes < ClientLimits.unflushed { return scheduleFlush() }
        unflushedBytes = 0
        context?.flush()
    }

    /// Flushes once for all that happens in this turn of the event loop: the answers of many
    /// streams then share TLS records and system calls.
    private func scheduleFlush() {
        guard !isFlushScheduled else { return }
        isFlushScheduled = true
        loop.eventLoop.assumeIsolated().execute {
            self.isFlushScheduled = false
            self.unflushedBytes = 0
            self.context?.flush()
            guard !self.resetsBehindData.isEmpty else { return }
            let resets = self.resetsBehindData
            self.resetsBehindData.removeAll()
            for id in resets { self.write(.rstStream(.noError), on: id) }
            self.context?.flush()
        }
    }

    // MARK: Ending

    private func remove(_ id: HTTP2StreamID) {
        guard let stream = streams.removeValue(forKey: id) else { return }
        stream.clientReset()
        if streams.isEmpty { waitBegan = loop.clients.beginWait() }
        if closesWhenDone && streams.isEmpty { closeAfterFlush() }
    }

    /// Closes once the end of the last answer has reached the socket: its reader may be slow.
    private func closeAfterFlush() {
        guard let context else { return }
        let written = context.eventLoop.makePromise(of: Void.self)
        let last = HTTP2Frame.FramePayload.goAway(
            lastStreamID: lastStream,
            errorCode: .noError,
            opaqueData: nil,
        )
        context.writeAndFlush(
            wrapOutboundOut(HTTP2Frame(streamID: .rootStream, payload: last)),
            promise: written,
        )
        written.futureResult.assumeIsolated().whenComplete { _ in self.closeNow() }
    }

    var wait: ClientWait? {
        let limits = loop.configuration.limits
        if streams.isEmpty {
            return ClientWait(
                since: waitBegan,
                limit: unsentBytes > 0 ? limits.unread : limits.idle,
            )
        }
        guard unsentBytes > 0, !streams.values.contains(where: \.isUnbounded) else { return nil }
        return ClientWait(since: waitBegan, limit: limits.unread)
    }

    func sweep() -> Bool {
        let left = context?.unsentBytes ?? 0
        if left < unsentBytes || left > 0 && unsentBytes == 0 {
            waitBegan = loop.clients.beginWait()
        }
        unsentBytes = left
        var hasDeadlines = false
        for stream in streams.values {
            guard let wait = stream.wait else { continue }
            hasDeadlines = true
            if loop.clients.isOver(wait) { stream.expire() }
        }
        return hasDeadlines
    }

    func expire() {
        context?.closeSocket()
    }

    func shutDownGracefully(closesIdle: Bool) {
        guard !isShuttingDown, let context else { return }
        isShuttingDown = true
        // Otherwise the client closes, who knows what it has read.
        closesWhenDone = closesIdle
        // The highest number asks to open no more streams, and refuses none that is under way
        // (RFC 9113 section 6.8).
        let last = closesIdle ? lastStream : .maxID
        write(
            .goAway(lastStreamID: last, errorCode: .noError, opaqueData: nil),
            on: .rootStream,
        )
        context.flush()
        if closesIdle && streams.isEmpty { closeNow() }
    }

    func closeNow() {
        context?.close(mode: .all, promise: nil)
    }
}

extension HTTP2Connection: NIOHTTP2FrameDelegate {
    func wroteFrame(_ frame: HTTP2Frame) {
        if case .goAway(_, let code, _) = frame.payload, code != .noError { hasFailed = true }
    }
}
