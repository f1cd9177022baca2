import NIOCore
import NIOHPACK
import NIOHTTP2

/// Lets an upstream that speaks HTTP/2 look like one of HTTP/1.1, on one stream.
///
/// It stands between a stream's channel and an `UpstreamConnection`, and translates one request and
/// its answer, trailers included. That is slower than a separate path, but keeps every rule of
/// forwarding in one place; only gRPC servers need it.
final class HTTP2UpstreamCodec: ChannelDuplexHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = HTTP2Frame.FramePayload

    private enum RequestPhase {
        case head
        case length(remaining: Int)
        case chunked(ChunkedDecoder)
        case ended
    }

    private enum ResponsePhase {
        case head
        case sized
        case chunked
        case ended
    }

    private let isSecure: Bool
    private var requestPhase = RequestPhase.head
    private var responsePhase = ResponsePhase.head
    private var outbound = ByteBuffer()
    private var isHead = false

    /// `isSecure` tells whether the session's connection is encrypted.
    init(isSecure: Bool = false) {
        self.isSecure = isSecure
    }

    // MARK: The request, as bytes of HTTP/1.1

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        outbound.append(unwrapOutboundIn(data))
        do {
            while outbound.readableBytes > 0, try writeNext(context) {}
            promise?.succeed(())
        } catch {
            promise?.fail(error)
            context.fireErrorCaught(error)
        }
    }

    private func writeNext(_ context: ChannelHandlerContext) throws(HeadError) -> Bool {
        switch requestPhase {
        case .head: return try writeHead(context)
        case .length(let remaining):
            let length = min(remaining, outbound.readableBytes)
            guard let part = outbound.readSlice(length: length) else { return false }
            requestPhase = length == remaining ? .ended : .length(remaining: remaining - length)
            send(part, endsStream: length == remaining, context)
            return true
        case .chunked(var decoder):
            let bytes = outbound
            var position = 0
            let event = try decoder.next(bytes.readableBytesUInt8Span, &position)
            outbound.moveReaderIndex(forwardBy: position)
            requestPhase = .chunked(decoder)
            switch event {
            case .data(let range):
                if let part = bytes.slice(range) { send(part, endsStream: false, context) }
                return true
            case .end(let range):
                requestPhase = .ended
                let trailers = bytes.slice(range).flatMap(HTTP2Response.trailers)
                if let trailers {
                    send(trailers, endsStream: true, context)
                } else {
                    send(ByteBuffer(), endsStream: true, context)
                }
                return true
            case .needMore: return false
            }
        case .ended:
            outbound.clear()
            return false
        }
    }

    private func writeHead(_ context: ChannelHandlerContext) throws(HeadError) -> Bool {
        let bytes = outbound
        let span = bytes.readableBytesUInt8Span
        var head = RequestHead()
        guard try head.parse(span) else { return false }
        outbound.moveReaderIndex(forwardBy: head.length)
        isHead = head.methodKind == .head
        var headers = HPACKHeaders([
            (":method", String(copying: span, head.method)),
            (":scheme", isSecure ? "https" : "http"),
            (":authority", String(copying: span, head.authority)),
            (":path", String(copying: span, head.originForm)),
        ])
        for field in head.fields where !field.known.isHopByHop {
            switch field.known {
            case .host, .transferEncoding: continue
            default:
                headers.add(
                    name: String(lowercasing: span, field.name),
                    value: String(copying: span, field.value),
                )
            }
        }
        // gRPC servers require it; trailers are relayed in any case.
        headers.add(name: "te", value: "trailers")
        guard headers.fitOneFrame else { throw .tooLarge }
        switch head.framing {
        case .none, .untilClose: requestPhase = .ended
        case .length(let length): requestPhase = .length(remaining: length)
        case .chunked: requestPhase = .chunked(ChunkedDecoder())
        }
        send(headers, endsStream: head.framing == .none, context)
        return true
    }

    private func send(_ headers: HPACKHeaders, endsStream: Bool, _ context: ChannelHandlerContext) {
        let payload = HTTP2Frame.FramePayload.headers(
            .init(headers: headers, endStream: endsStream)
        )
        context.write(wrapOutboundOut(payload), promise: nil)
    }

    private func send(_ bytes: ByteBuffer, endsStream: Bool, _ context: ChannelHandlerContext) {
        let payload = HTTP2Frame.FramePayload.data(
            .init(data: .byteBuffer(bytes), endStream: endsStream)
        )
        context.write(wrapOutboundOut(payload), promise: nil)
    }

    // MARK: The answer, as frames

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var out = ByteBuffer()
        switch unwrapInboundIn(data) {
        case .headers(let frame):
            do {
                try receive(frame, into: &out)
            } catch {
                context.fireErrorCaught(error)
                return
            }
        case .data(let frame): receive(frame, into: &out)
        default: return
        }
        if out.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(out)) }
    }

    private func receive(
        _ frame: HTTP2Frame.FramePayload.Headers,
        into out: inout ByteBuffer,
    ) throws(HeadError) {
        guard case .head = responsePhase else {
            guard (try? HTTP2Request.checkTrailers(frame.headers)) != nil else {
                throw .malformed(.fieldValue)
            }
            endResponse(trailers: frame.headers, into: &out)
            return
        }
        let status = frame.headers.first(name: ":status") ?? ""
        // The line and the fields become text again, so a value of the app must not be able to end
        // a line.
        guard status.utf8.count == 3, status.utf8.allSatisfy(\.isDigit) else {
            throw .malformed(.startLine)
        }
        out.writeString("HTTP/1.1 \(status) \r\n")
        for (name, value, _) in frame.headers where name.utf8.first != .colon {
            guard value.isFieldValue else { throw .malformed(.fieldValue) }
            out.writeField(name, value)
        }
        let isInterim = status.hasPrefix("1")
        defer { out.writeStaticString("\r\n") }
        guard !isInterim else { return }
        // One stream has one exchange, and never serves a second one.
        out.writeStaticString("connection: close\r\n")
        let isSized = frame.headers.contains(name: "content-length")
        if isSized || isHead || frame.endStream {
            responsePhase = frame.endStream ? .ended : .sized
            let mayHaveBody = !isHead && status != "204" && status != "304"
            if !isSized, mayHaveBody { out.writeStaticString("content-length: 0\r\n") }
        } else {
            responsePhase = .chunked
            out.writeStaticString("transfer-encoding: chunked\r\n")
        }
    }

    private func receive(_ frame: HTTP2Frame.FramePayload.Data, into out: inout ByteBuffer) {
        guard case .byteBuffer(let bytes) = frame.data else { return }
        if case .chunked = responsePhase {
            if bytes.readableBytes > 0 {
                out.writeString(String(bytes.readableBytes, radix: 16))
                out.writeStaticString("\r\n")
                out.writeImmutableBuffer(bytes)
                out.writeStaticString("\r\n")
            }
        } else {
            out.writeImmutableBuffer(bytes)
        }
        if frame.endStream { endResponse(trailers: nil, into: &out) }
    }

    private func endResponse(trailers: HPACKHeaders?, into out: inout ByteBuffer) {
        defer { responsePhase = .ended }
        guard case .chunked = responsePhase else { return }
        out.writeStaticString("0\r\n")
        for (name, value, _) in trailers ?? [:] { out.writeField(name, value) }
        out.writeStaticString("\r\n")
    }
}
