import Logging
import NIOCore
import NIOHPACK
import NIOHTTP2

/// A client's HTTP/2 session: sorts frames to their streams and shares the send window among them.
///
/// It follows the bare `NIOHTTP2Handler`, which keeps the protocol's state; a channel for each
/// stream would cost more than twice as much. Sending is in the extension `+Sending`, the session's
/// end in `+Ending`.
final class HTTP2Connection: ChannelDuplexHandler, ClientConnection {
    typealias InboundIn = HTTP2Frame
    typealias OutboundIn = HTTP2Frame
    typealias OutboundOut = HTTP2Frame

    enum Phase {
        case open
        /// No new streams; with `closesWhenDone` the session ends with the last one.
        case leaving(closesWhenDone: Bool)
        /// NIOHTTP2 has ended the session for a violation of the protocol.
        case failed
    }

    /// The flow-control windows of both directions.
    struct FlowControl {
        /// The bytes that the client accepts: on the connection, and on a new stream.
        var sendWindow = 65_535
        var initialStreamWindow = 65_535
        /// Bytes received since the last WINDOW_UPDATE.
        var uncreditedBytes = 0
        /// Streams with more to send than the connection's window allows, in the order of their
        /// turns.
        var blocked: [HTTP2StreamID] = []
    }

    /// Written frames that wait for the end of this turn of the event loop.
    struct Output {
        /// Whether the client takes more bytes.
        var isWritable = true
        var isFlushScheduled = false
        var unflushedBytes = 0
        /// Streams with a complete answer and an upload that no app reads.
        var resetsAfterData: [HTTP2StreamID] = []
    }

    /// The bytes that the streams keep.
    struct Held {
        /// Of answers, for the client's windows.
        var answers = 0
        /// Of uploads, for apps that don't take them yet.
        var uploads = 0
        /// Of the streams themselves, while they wait.
        var streams = 0
        /// Whether reading has stopped for streams that already have something to send.
        var isCrowded = false
    }

    private struct DelayedRequest {
        let stream: HTTP2Stream
        let headers: HPACKHeaders
        let endsStream: Bool
    }

    let loop: ProxyLoop
    let forwarded: ForwardedFields
    let redirectsToTLS: Bool
    var context: ChannelHandlerContext?
    var phase = Phase.open
    var streams: [HTTP2StreamID: HTTP2Stream] = [:]
    var lastStream = HTTP2StreamID.rootStream
    var flow = FlowControl()
    var output = Output()
    /// When the session as a whole began to wait: at the last stream's end, or the last movement on
    /// the connection itself.
    var watch: ClientWatch
    private(set) var held = Held()
    private var holdsRead = false
    /// Requests that came while the client took no answers, bounded by the limit of concurrent
    /// streams.
    private var delayed: [DelayedRequest] = []

    init(loop: ProxyLoop, forwarded: ForwardedFields, redirectsToTLS: Bool) {
        self.loop = loop
        self.forwarded = forwarded
        self.redirectsToTLS = redirectsToTLS
        watch = ClientWatch(loop.clients)
    }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        output.isWritable = context.channel.isWritable
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
        output.unflushedBytes = 0
        context.flush()
    }

    /// Reads on only while the client takes the answers.
    func read(context: ChannelHandlerContext) {
        if output.isWritable { context.read() } else { holdsRead = true }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        output.isWritable = context.channel.isWritable
        watch.look(context, loop.clients)
        countWaitingStreams()
        guard output.isWritable else { return }
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
        guard case .failed = phase else { return }
        loop.logger.debug("HTTP/2 session ended: \(error)")
        context.close(mode: .all, promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        let open = streams
        streams.removeAll()
        loop.clients.addLoad(-open.count)
        flow.blocked.removeAll()
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
        let stream = HTTP2Stream(id: id, connection: self, window: flow.initialStreamWindow)
        streams[id] = stream
        loop.clients.addLoad(1)
        if output.isWritable {
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
        while output.isWritable, !delayed.isEmpty {
            let request = delayed.removeFirst()
            guard !request.stream.exchange.isAborted else { continue }
            request.stream.receiveRequest(request.headers, endsStream: request.endsStream)
        }
    }

    private func receive(_ data: HTTP2Frame.FramePayload.Data, on id: HTTP2StreamID) {
        // The padding counts for the windows as well (RFC 9113 section 6.1).
        let size = data.data.readableBytes + (data.paddingBytes.map { $0 + 1 } ?? 0)
        if let stream = streams[id], case .byteBuffer(let bytes) = data.data {
            stream.receiveBody(bytes, flowControlled: size, endsStream: data.endStream)
        }
        creditConnection(size)
    }

    private func widen(_ id: HTTP2StreamID, by increment: Int) {
        if id == .rootStream {
            flow.sendWindow += increment
            drainBlocked()
        } else if let stream = streams[id] {
            stream.answer.window += increment
            stream.sendPending()
        }
    }

    private func apply(_ settings: HTTP2Settings) {
        for setting in settings where setting.parameter == .initialWindowSize {
            let change = setting.value - flow.initialStreamWindow
            flow.initialStreamWindow = setting.value
            for stream in streams.values {
                stream.answer.window += change
                stream.sendPending()
            }
        }
    }

    // MARK: Memory of the streams

    /// Counts the change of the bytes that a stream keeps.
    func hold(answers: Int, uploads: Int) {
        loop.clients.hold(answers + uploads)
        held.answers += answers
        held.uploads += uploads
        countWaitingStreams()
        if uploads < 0 { creditConnection(0) }
        if held.answers >= HTTP2Limits.heldBytes {
            held.isCrowded = true
        } else if held.isCrowded, held.answers < HTTP2Limits.heldBytes / 2 {
            held.isCrowded = false
            for stream in streams.values { stream.resumeReadingUpstream() }
        }
    }

    /// Counts the streams' own memory while the client, or an app, leaves bytes unread.
    private func countWaitingStreams() {
        let waits = !output.isWritable || held.answers + held.uploads > 0
        let bytes = waits ? streams.count * HTTP2Limits.waitingStreamBytes : 0
        guard bytes != held.streams else { return }
        loop.clients.hold(bytes - held.streams)
        held.streams = bytes
    }

    func remove(_ id: HTTP2StreamID) {
        guard let stream = streams.removeValue(forKey: id) else { return }
        countWaitingStreams()
        loop.clients.addLoad(-1)
        stream.clientReset()
        guard streams.isEmpty else { return }
        watch.restart(loop.clients)
        if case .leaving(closesWhenDone: true) = phase { closeAfterFlush() }
    }
}

extension HTTP2Connection: NIOHTTP2FrameDelegate {
    func wroteFrame(_ frame: HTTP2Frame) {
        if case .goAway(_, let code, _) = frame.payload, code != .noError { phase = .failed }
    }
}
