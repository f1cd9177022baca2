import NIOCore
import NIOHTTP2

extension HTTP2Connection {
    // MARK: Deadlines

    var wait: ClientWait? {
        let limits = loop.configuration.limits
        if streams.isEmpty {
            return watch.wait(watch.unreadBytes > 0 ? limits.unread : limits.idle)
        }
        guard watch.unreadBytes > 0, !streams.values.contains(where: \.isUnbounded) else {
            return nil
        }
        return watch.wait(limits.unread)
    }

    var unreadBytes: Int {
        watch.unreadBytes + held.answers + held.uploads + held.streams
    }

    var lastMovement: Moment {
        streams.values.reduce(watch.since) { $0.order > $1.waitBegan.order ? $0 : $1.waitBegan }
    }

    func sweep() -> Bool {
        watch.look(context, loop.clients)
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

    // MARK: The end

    /// Closes once the end of the last answer has reached the socket, since its client may be slow.
    func closeAfterFlush() {
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

    func shutDownGracefully(closesIdle: Bool) {
        guard case .open = phase, let context else { return }
        // Without `closesIdle` the client closes: it knows which answers it has read.
        phase = .leaving(closesWhenDone: closesIdle)
        // GOAWAY with the highest number asks the client to open no more streams, and refuses none
        // that is under way (RFC 9113 section 6.8).
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
