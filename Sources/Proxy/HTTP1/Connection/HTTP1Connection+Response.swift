import HostSystem
import NIOCore

extension HTTP1Connection: ResponseReceiver {
    var takesRawChunks: Bool { clientFraming == .same }
    var asksForUpgrade: Bool { head.isUpgrade }

    func receiveHead(_ response: ResponseHead, _ bytes: ByteBuffer) {
        let span = bytes.readableBytesUInt8Span
        beginWait()
        if response.isInterim {
            // HTTP/1.0 knows no interim answers (RFC 9110 section 15.2).
            guard head.minorVersion == 1 else { return }
            response.splice(span, framing: .same, connection: .none, to: &outbound)
            flush()
            return
        }
        hasResponseBegun = true
        if response.isUpgrade {
            enterTunnel()
            response.splice(span, framing: .same, connection: .upgrade, to: &outbound)
            return
        }
        clientFraming = framing(for: response)
        if clientFraming == .untilClose { persists = false }
        isEventStream = response.isEventStream(span)
        // What a refused upgrade sent ahead was meant for another protocol.
        if head.isUpgrade && inbound.readableBytes > 0 { persists = false }
        response.splice(span, framing: clientFraming, connection: connectionField, to: &outbound)
    }

    func receiveBody(_ bytes: ByteBuffer) {
        beginWait()
        switch clientFraming {
        case .same, .untilClose: relay(bytes)
        case .chunked:
            guard bytes.readableBytes > 0 else { return }
            outbound.writeString(String(bytes.readableBytes, radix: 16))
            outbound.writeStaticString("\r\n")
            relay(bytes)
            outbound.writeStaticString("\r\n")
        }
    }

    func receiveEnd(trailers: ByteBuffer?) {
        if clientFraming == .chunked { outbound.writeStaticString("0\r\n\r\n") }
        isResponseComplete = true
        if body.isComplete { finishExchange() }
    }

    func receiveTunnelled(_ bytes: ByteBuffer) {
        relay(bytes)
    }

    func receiveTunnelEnd() {
        flush()
        context?.close(mode: .output, promise: nil)
    }

    func upstreamReadComplete() {
        advance()
    }

    func upstreamFailed(_ reason: UpstreamFailure) {
        connection = nil
        if phase == .tunnel {
            closeAfterFlush(lingers: false)
        } else if isResponseComplete {
            // The upstream doesn't want the rest of the request: it has to be read all the same.
            phase = .discarding
        } else if hasResponseBegun {
            breakOff()
        } else if !retry(after: reason) {
            answerFailure(reason)
        }
    }

    func finishExchange() {
        connection = nil
        upstream = nil
        guard !endsAfterExchange else {
            closeAfterFlush(lingers: !body.isComplete)
            return
        }
        phase = .awaitingHead
        beginWait()
    }

    /// Ends an answer that can't be completed, so that the client sees it as broken.
    func breakOff() {
        flush()
        // Where only the connection's end frames the body, an orderly end would look like the
        // whole; a reset doesn't.
        if clientFraming == .untilClose {
            (context?.channel as? any SocketOptionProvider)?.setSoLinger(abortiveClose)
                .whenComplete { _ in }
        }
        closeNow()
    }

    private func enterTunnel() {
        phase = .tunnel
        context?.channel.setOption(.allowRemoteHalfClosure, value: true).whenComplete { _ in }
    }

    private func relay(_ bytes: ByteBuffer) {
        var bytes = bytes
        if bytes.readableBytes <= Buffers.coalescing {
            outbound.writeBuffer(&bytes)
        } else {
            if outbound.readableBytes > 0 {
                write(outbound)
                outbound.clear()
            }
            write(bytes)
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
}
