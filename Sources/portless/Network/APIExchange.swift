import NIOCore
import NIOHTTP1
import PortlessCore
import Server

/// Sends one request over the server's socket and gathers the answer.
final class APIExchange: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let request: APIRequest
    private let token: APIToken
    private let answer: EventLoopPromise<LocalRequest.Answer>
    private var head: HTTPResponseHead?
    private var body = ByteBuffer()

    init(
        _ request: APIRequest,
        token: APIToken,
        answer: EventLoopPromise<LocalRequest.Answer>,
    ) {
        self.request = request
        self.token = token
        self.answer = answer
    }

    func channelActive(context: ChannelHandlerContext) {
        let body = request.body.map { ByteBuffer(string: $0.compact) }
        var headers: HTTPHeaders = [
            "host": "localhost", "connection": "close", "authorization": "Bearer \(token.text)",
        ]
        if let body {
            headers.add(name: "content-type", value: "application/json")
            headers.add(name: "content-length", value: String(body.readableBytes))
        }
        let head = HTTPRequestHead(
            version: .http1_1,
            method: request.method,
            uri: request.path,
            headers: headers,
        )
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if let body { context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil) }
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
