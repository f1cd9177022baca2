import NIOCore

extension UpstreamConnection {
    /// Parses `inbound` as far as possible: heads, bodies, tunnelled bytes.
    func consume() {
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
            // Unsolicited bytes: nothing on this connection can be trusted any more.
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
        if response.isUpgrade, receiver?.asksForUpgrade == false { throw .malformed(.upgrade) }
        receiver?.receiveHead(response, bytes)
        // The receiver may have given the exchange up.
        guard phase == .awaitingHead else { return false }
        inbound.moveReaderIndex(forwardBy: response.length)
        guard !response.isInterim else {
            hasBegunAnswer()
            return true
        }
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
        guard phase != .closed else { return }
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

    func fail(_ error: HeadError) {
        fail(.malformed(error.explanation))
    }

    /// Ends the exchange and the connection, because no later byte on it can be trusted.
    func fail(_ reason: UpstreamFailure) {
        let receiver = self.receiver
        self.receiver = nil
        phase = .closed
        inbound = ByteBuffer()
        context?.close(mode: .all, promise: nil)
        receiver?.upstreamFailed(reason)
        receiver?.upstreamReadComplete()
    }
}

extension ByteBuffer {
    /// A slice by offsets from the first readable byte.
    func slice(_ range: ByteRange) -> ByteBuffer? {
        getSlice(at: readerIndex + range.start, length: range.count)
    }
}
