import NIOCore

/// One HTTP/1.1 connection to an app: sends requests one after another and parses the answers.
///
/// It lives on its event loop and belongs to the pool of its `Upstream` while it is idle, else to
/// the exchange that acquired it.
final class UpstreamConnection: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Phase: Equatable {
        case idle
        case awaitingHead
        case length(remaining: Int)
        case chunked
        case untilClose
        /// The response is whole, the request's body isn't: it goes on to the upstream.
        case awaitingRequestEnd
        case tunnel
        case closed
    }

    private let upstream: Upstream
    private var context: ChannelHandlerContext?
    private var receiver: (any ResponseReceiver)?
    private var phase = Phase.idle
    private var method = MethodKind.get
    private var response = ResponseHead()
    private var chunks = ChunkedDecoder()
    private var inbound = ByteBuffer()
    private var scanned = 0
    private var isRequestComplete = false
    private var hasFailed = false
    private var holdsRead = false
    private var hasUnflushedWrites = false

    /// Whether an earlier exchange has used this connection, so that it may have gone stale.
    private(set) var isReused = false
    /// When the connection went into the pool.
    private(set) var idleSince = NIODeadline.uptimeNanoseconds(0)

    init(upstream: Upstream) {
        self.upstream = upstream
    }

    var isUsable: Bool { phase == .idle && context != nil }
    /// Kept here, because asking the channel takes more than a hundred instructions.
    private(set) var isWritable = true

    // MARK: Sending

    /// Sends a request head (with or without the first of its body) and expects the answer.
    func begin(_ head: ByteBuffer, method: MethodKind, for receiver: any ResponseReceiver) {
        precondition(phase == .idle, "an upstream connection serves one exchange at a time")
        self.receiver = receiver
        self.method = method
        phase = .awaitingHead
        scanned = 0
        isRequestComplete = false
        send(head)
    }

    /// Sends bytes of the request's body, or of the tunnel.
    func send(_ bytes: ByteBuffer) {
        guard let context else { return }
        hasUnflushedWrites = true
        context.write(wrapOutboundOut(bytes), promise: nil)
    }

    func flush() {
        guard hasUnflushedWrites, let context else { return }
        hasUnflushedWrites = false
        context.flush()
    }

    /// The request's body was sent to its end.
    func endRequest() {
        isRequestComplete = true
        if phase == .awaitingRequestEnd { release() }
    }

    /// The client of a tunnel sends no more.
    func endTunnelInput() {
        flush()
        context?.close(mode: .output, promise: nil)
    }

    /// Goes into the pool unused: who asked for it is gone.
    func returnUnused() {
        idleSince = .now()
        upstream.checkIn(self)
    }

    /// Gives the exchange up; an answer that is under way is lost with the connection.
    func abort() {
        receiver = nil
        phase = .closed
        context?.close(mode: .all, promise: nil)
    }

    /// The client takes more bytes again.
    func resumeReading() {
        guard holdsRead, let context else { return }
        holdsRead = false
        context.read()
    }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func read(context: ChannelHandlerContext) {
        if let receiver, !receiver.isWritable {
            holdsRead = true
        } else {
            context.read()
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        if inbound.readableBytes == 0 {
            inbound = bytes
        } else {
            inbound.writeBuffer(&bytes)
        }
        consume()
        if inbound.readableBytes == 0 { inbound = ByteBuffer() }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        receiver?.upstreamReadComplete()
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        if isWritable { receiver?.upstreamBecameWritable() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent {
            if phase == .tunnel {
                receiver?.receiveTunnelEnd()
                receiver?.upstreamReadComplete()
            } else {
                context.close(mode: .all, promise: nil)
            }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        hasFailed = true
        context.close(mode: .all, promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        let last = phase
        phase = .closed
        upstream.forget(self)
        guard let receiver else { return }
        self.receiver = nil
        switch last {
        case .untilClose where !hasFailed:
            receiver.receiveEnd(trailers: nil)
        case .awaitingHead:
            let isUntouched = scanned == 0 && inbound.readableBytes == 0
            receiver.upstreamFailed(isReused && isUntouched ? .stale : .closedBeforeAnswer)
        case .tunnel: receiver.upstreamFailed(.closedBeforeAnswer)
        case .length, .chunked, .untilClose, .awaitingRequestEnd:
            receiver.upstreamFailed(.truncated)
        case .idle, .closed: break
        }
        receiver.upstreamReadComplete()
    }

    // MARK: Receiving

    private func consume() {
        do {
            while inbound.readableBytes > 0 {
                guard try consumeNext() else { return }
            }
        } catch {
            fail(error)
        }
    }

    /// Takes the next part out of `inbound`; false where it needs more bytes.
    private func consumeNext() throws(HeadError) -> Bool {
        switch phase {
        case .awaitingHead: return try consumeHead()
        case .length(let remaining):
            let length = min(remaining, inbound.readableBytes)
            guard let part = inbound.readSlice(length: length) else { return false }
            phase = .length(remaining: remaining - length)
            receiver?.receiveBody(part)
            if length == remaining { endResponse(trailers: nil) }
            return true
        case .chunked: return try consumeChunks()
        case .untilClose:
            receiver?.receiveBody(inbound)
            inbound = ByteBuffer()
            return false
        case .tunnel:
            receiver?.receiveTunnelled(inbound)
            inbound = ByteBuffer()
            return false
        case .idle, .awaitingRequestEnd, .closed:
            // More than was asked for: nothing on this connection can be trusted any more.
            inbound = ByteBuffer()
            context?.close(mode: .all, promise: nil)
            return false
        }
    }

    private func consumeHead() throws(HeadError) -> Bool {
        let bytes = inbound
        if scanned > 0 {
            guard HeadScanner.mayBeComplete(bytes.readableBytesUInt8Span, scanned: scanned) else {
                return try waitForHead()
            }
        }
        guard try response.parse(bytes.readableBytesUInt8Span, answering: method) else {
            return try waitForHead()
        }
        scanned = 0
        receiver?.receiveHead(response, bytes)
        inbound.moveReaderIndex(forwardBy: response.length)
        guard !response.isInterim else { return true }
        if response.isUpgrade {
            phase = .tunnel
            context?.channel.setOption(.allowRemoteHalfClosure, value: true).whenComplete { _ in }
            return true
        }
        switch response.framing {
        case .none: endResponse(trailers: nil)
        case .length(let length): phase = .length(remaining: length)
        case .chunked:
            chunks = ChunkedDecoder()
            phase = .chunked
        case .untilClose: phase = .untilClose
        }
        return true
    }

    private func waitForHead() throws(HeadError) -> Bool {
        guard inbound.readableBytes < HeadScanner.maximumSize else { throw .tooLarge }
        scanned = inbound.readableBytes
        return false
    }

    private func consumeChunks() throws(HeadError) -> Bool {
        let bytes = inbound
        let takesRaw = receiver?.takesRawChunks ?? true
        var position = 0
        var trailers: ByteRange?
        scan: while true {
            switch try chunks.next(bytes.readableBytesUInt8Span, &position) {
            case .data(let range):
                if !takesRaw, let data = inbound.slice(range) { receiver?.receiveBody(data) }
            case .end(let range):
                trailers = range
                break scan
            case .needMore: break scan
            }
        }
        if takesRaw, position > 0, let raw = inbound.slice(ByteRange(start: 0, end: position)) {
            receiver?.receiveBody(raw)
        }
        let trailerBytes = trailers.flatMap { inbound.slice($0) }
        inbound.moveReaderIndex(forwardBy: position)
        guard trailers != nil else { return false }
        endResponse(trailers: trailerBytes)
        return true
    }

    private func endResponse(trailers: ByteBuffer?) {
        if isRequestComplete {
            let receiver = self.receiver
            // First into the pool: the receiver may want a connection for the next request.
            release()
            receiver?.receiveEnd(trailers: trailers)
            receiver?.upstreamReadComplete()
        } else {
            phase = .awaitingRequestEnd
            receiver?.receiveEnd(trailers: trailers)
        }
    }

    /// Ends the exchange and returns to the pool, or closes where the connection can't be reused.
    private func release() {
        receiver = nil
        guard response.keepsAlive, inbound.readableBytes == 0, context != nil else {
            phase = .closed
            context?.close(mode: .all, promise: nil)
            return
        }
        phase = .idle
        isReused = true
        idleSince = .now()
        if holdsRead { resumeReading() }
        upstream.checkIn(self)
    }

    private func fail(_ error: HeadError) {
        let receiver = self.receiver
        self.receiver = nil
        phase = .closed
        inbound = ByteBuffer()
        context?.close(mode: .all, promise: nil)
        receiver?.upstreamFailed(.malformed(error.explanation))
        receiver?.upstreamReadComplete()
    }
}

extension ByteBuffer {
    /// A slice by offsets from the first readable byte.
    func slice(_ range: ByteRange) -> ByteBuffer? {
        getSlice(at: readerIndex + range.start, length: range.count)
    }
}
