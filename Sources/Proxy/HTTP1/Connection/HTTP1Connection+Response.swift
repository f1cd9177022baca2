import NIOCore

extension HTTP1Connection: ResponseReceiver {
    var isWritable: Bool { output.isWritable }
    var takesRawChunks: Bool { clientFraming == .same }
    var asksForUpgrade: Bool { head.isUpgrade }

    func receiveHead(_ response: ResponseHead, _ bytes: ByteBuffer) {
        let span = bytes.readableBytesUInt8Span
        beginWait()
        if response.isInterim {
            // HTTP/1.0 knows no interim answers (RFC 9110 section 15.2).
            guard head.minorVersion == 1 else { return }
            response.splice(span, framing: .same, connection: .none, to: &output.collected)
            flush()
            return
        }
        if response.isUpgrade {
            exchange.tunnelOpened()
            traffic?.tunnelOpened(response, span)
            context?.channel.setOption(.allowRemoteHalfClosure, value: true).whenComplete { _ in }
            response.splice(span, framing: .same, connection: .upgrade, to: &output.collected)
            return
        }
        exchange.answerBegan(isEventStream: response.isEventStream(span))
        if response.isRedirect { loop.noteLogin(response, span, from: forwarding.upstream) }
        mayTellLogin = loop.mayTellLogin(response, span, from: forwarding.upstream)
        clientFraming = framing(for: response)
        traffic?.answerBegan(
            response,
            span,
            isChunked: clientFraming == .same && response.framing == .chunked,
        )
        if clientFraming == .untilClose { endAfterExchange() }
        // Bytes from a client whose upgrade the app has refused, meant for the other protocol.
        if head.isUpgrade && inbound.readableBytes > 0 { endAfterExchange() }
        response.splice(
            span,
            framing: clientFraming,
            connection: connectionField,
            to: &output.collected,
        )
    }

    func receiveBody(_ bytes: ByteBuffer) {
        beginWait()
        traffic?.received(bytes)
        if mayTellLogin { loop.noteLogin(json: bytes, from: forwarding.upstream) }
        switch clientFraming {
        case .same, .untilClose: relay(bytes)
        case .chunked:
            guard bytes.readableBytes > 0 else { return }
            output.collected.writeString(String(bytes.readableBytes, radix: 16))
            output.collected.writeStaticString("\r\n")
            relay(bytes)
            output.collected.writeStaticString("\r\n")
        }
    }

    func receiveEnd(trailers: ByteBuffer?) {
        traffic?.ended()
        if clientFraming == .chunked { output.collected.writeStaticString("0\r\n\r\n") }
        if exchange.answerEnded() == .finished { finishExchange() }
    }

    func receiveTunnelled(_ bytes: ByteBuffer) {
        traffic?.received(bytes)
        relay(bytes)
    }

    func receiveTunnelEnd() {
        flush()
        context?.close(mode: .output, promise: nil)
    }

    func upstreamReadComplete() {
        advance()
    }

    private func relay(_ bytes: ByteBuffer) {
        if bytes.readableBytes <= Buffers.coalescing {
            output.collected.writeImmutableBuffer(bytes)
        } else {
            if let collected = output.take() { write(collected) }
            write(bytes)
            output.tidy()
        }
    }

    private func framing(for response: ResponseHead) -> ClientFraming {
        switch response.framing {
        case .none, .length: .same
        case .chunked: head.minorVersion == 1 ? .same : .untilClose
        case .untilClose: head.minorVersion == 1 ? .chunked : .untilClose
        }
    }

    private var connectionField: ClientConnectionField {
        if endsAfterExchange { return .close }
        return head.minorVersion == 0 ? .keepAlive : .none
    }

    // MARK: Failures

    func upstreamUnreachable(_ failure: UpstreamFailure) {
        let reason = loop.reason(failure, of: forwarding.upstream, for: forwardedRequest)
        recover(exchange.unreachable(reason, isNavigation: forwardedRequest.isNavigation))
        advance()
    }

    func upstreamFailed(_ reason: UpstreamFailure) {
        forwarding.connection = nil
        let recovery = exchange.failed(reason)
        traffic?.failed(reason, recovery, of: forwarding.upstream)
        recover(recovery)
    }

    private func recover(_ recovery: Exchange.Recovery) {
        switch recovery {
        // The rest of the request is still read: another request may follow it.
        case .none, .discardRequest: break
        case .connectAgain:
            // The pool's other connections are as old: a fresh one can't be stale.
            if let connection = forwarding.upstream?.acquire(for: self, fresh: true) {
                begin(on: connection)
            }
        case .waitForApp: forwarding.upstream?.acquireWhenListening(for: self)
        case .answer(let own): answer(own)
        case .breakOff: breakOff()
        case .endTunnel: closeAfterFlush(lingers: false)
        }
    }
}
