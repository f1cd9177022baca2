import NIOCore
import NIOHPACK
import NIOHTTP2

extension HTTP2Connection {
    var isWritable: Bool { output.isWritable }

    /// The number of bytes that the connection's window allows now.
    var allowance: Int { max(0, flow.sendWindow) }

    /// Sends fields; the stream is reset where HTTP/2 doesn't allow them.
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

    /// Sends data within the windows; the caller has checked the allowance.
    func send(_ bytes: ByteBuffer, on id: HTTP2StreamID, endsStream: Bool) {
        flow.sendWindow -= bytes.readableBytes
        write(.data(.init(data: .byteBuffer(bytes), endStream: endsStream)), on: id)
        didWrite(bytes.readableBytes)
    }

    func creditStream(_ id: HTTP2StreamID, _ bytes: Int) {
        guard streams[id] != nil else { return }
        write(.windowUpdate(windowSizeIncrement: bytes), on: id)
        scheduleFlush()
    }

    /// Credits the connection's window as soon as bytes arrive, so that a stalled upload blocks no
    /// other stream, until the streams together keep too much.
    func creditConnection(_ bytes: Int) {
        flow.uncreditedBytes += bytes
        guard flow.uncreditedBytes >= HTTP2Limits.connectionWindow / 4,
            held.uploads < HTTP2Limits.heldBytes
        else { return }
        write(.windowUpdate(windowSizeIncrement: flow.uncreditedBytes), on: .rootStream)
        flow.uncreditedBytes = 0
        scheduleFlush()
    }

    func reset(_ id: HTTP2StreamID, _ code: HTTP2ErrorCode) {
        guard streams[id] != nil else { return }
        write(.rstStream(code), on: id)
        scheduleFlush()
    }

    /// Asks the client to stop sending, once the answer's data is out: NIOHTTP2 drops the data of
    /// a stream that is reset before it was flushed.
    func resetAfterData(_ id: HTTP2StreamID) {
        output.resetsAfterData.append(id)
        scheduleFlush()
    }

    /// Puts a stream in line for the connection's window.
    func waitForWindow(_ id: HTTP2StreamID) {
        if !flow.blocked.contains(id) { flow.blocked.append(id) }
    }

    func drainBlocked() {
        let waiting = flow.blocked
        flow.blocked.removeAll()
        for id in waiting { streams[id]?.sendPending() }
    }

    func write(_ payload: HTTP2Frame.FramePayload, on id: HTTP2StreamID) {
        guard let context else { return }
        context.write(wrapOutboundOut(HTTP2Frame(streamID: id, payload: payload)), promise: nil)
    }

    /// Flushes a large amount at once, because only the flush shows whether the client takes it.
    private func didWrite(_ bytes: Int) {
        output.unflushedBytes += bytes
        if output.unflushedBytes < ClientLimits.unflushed { return scheduleFlush() }
        output.unflushedBytes = 0
        context?.flush()
    }

    /// Flushes once for everything in this turn of the event loop: the answers of many streams then
    /// share TLS records and system calls.
    func scheduleFlush() {
        guard !output.isFlushScheduled else { return }
        output.isFlushScheduled = true
        loop.eventLoop.assumeIsolated().execute {
            self.output.isFlushScheduled = false
            self.output.unflushedBytes = 0
            self.context?.flush()
            guard !self.output.resetsAfterData.isEmpty else { return }
            let resets = self.output.resetsAfterData
            self.output.resetsAfterData.removeAll()
            for id in resets { self.write(.rstStream(.noError), on: id) }
            self.context?.flush()
        }
    }
}
