import NIOCore
import NIOHTTP1

/// Sends a request once the connection stands, and gathers what comes back.
final class AnswerCollector: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let request: HTTPRequestHead
    private let content: ByteBuffer?
    private let answer: EventLoopPromise<LocalRequest.Answer>
    private var head: HTTPResponseHead?
    private var body = ByteBuffer()

    /// Adds `Content-Length` where there is content.
    init(
        _ request: HTTPRequestHead,
        content: ByteBuffer? = nil,
        answer: EventLoopPromise<LocalRequest.Answer>,
    ) {
        self.request = request
        self.content = content
        self.answer = answer
    }

    func channelActive(context: ChannelHandlerContext) {
        var request = request
        if let content {
            request.headers.add(name: "content-length", value: String(content.readableBytes))
        }
        context.write(wrapOutboundOut(.head(request)), promise: nil)
        if let content {
            context.write(wrapOutboundOut(.body(.byteBuffer(content))), promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body(var part): body.writeBuffer(&part)
        case .end:
            guard let head else { return }
            answer.succeed(
                LocalRequest.Answer(
                    status: Int(head.status.code),
                    headers: head.headers,
                    body: String(buffer: body),
                )
            )
            context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        answer.fail(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        // Does nothing where the answer is complete.
        answer.fail(ChannelError.eof)
    }
}
