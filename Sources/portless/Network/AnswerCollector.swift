import NIOCore
import NIOHTTP1

/// Sends a request once the connection stands, and gathers what comes back.
final class AnswerCollector: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let request: LocalRequest
    private let answer: EventLoopPromise<LocalRequest.Answer>
    private var head: HTTPResponseHead?
    private var body = ByteBuffer()

    init(_ request: LocalRequest, answer: EventLoopPromise<LocalRequest.Answer>) {
        self.request = request
        self.answer = answer
    }

    func channelActive(context: ChannelHandlerContext) {
        let head = HTTPRequestHead(
            version: .http1_1,
            method: request.method,
            uri: "/",
            headers: ["host": request.host, "connection": "close"],
        )
        context.write(wrapOutboundOut(.head(head)), promise: nil)
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
