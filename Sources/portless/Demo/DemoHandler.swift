import NIOCore
import NIOHTTP1

/// Answers every request with the demo page.
final class DemoHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let port: Int
    private let authority: DemoAuthority?
    private let processID: Int32
    private var head: HTTPRequestHead?

    init(port: Int, authority: DemoAuthority?, processID: Int32) {
        self.port = port
        self.authority = authority
        self.processID = processID
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body: break
        case .end:
            if let head { answer(head, context) }
            head = nil
        }
    }

    private func answer(_ request: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let facts = DemoFacts(
            method: request.method.rawValue,
            appPort: String(port),
            processID: processID,
            authority: authority,
            field: { request.headers.first(name: $0) },
        )
        let page = ByteBuffer(string: DemoPage.html(facts))
        let head = HTTPResponseHead(
            version: .http1_1,
            status: .ok,
            headers: [
                "content-type": "text/html; charset=utf-8",
                "content-length": String(page.readableBytes),
                "cache-control": "no-store",
            ],
        )
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if request.method != .HEAD {
            context.write(wrapOutboundOut(.body(.byteBuffer(page))), promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
}
