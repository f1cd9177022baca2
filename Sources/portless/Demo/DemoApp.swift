import ArgumentParser
import HostSystem
import NIOCore
import NIOHTTP1
import NIOPosix
import PortlessCore

/// The demo's app: an HTTP server on the loopback port it was told.
enum DemoServer {
    /// Serves until the process is ended.
    static func run(port: Int, authority: DemoAuthority?, processID: Int32) throws {
        let channel = try ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(
                        DemoHandler(port: port, authority: authority, processID: processID)
                    )
                }
            }
            .bind(host: "127.0.0.1", port: port)
            .wait()
        try channel.closeFuture.wait()
    }
}

/// The app of `portless demo`, run as any app is: it learns its port from `PORT`.
struct DemoAppCommand: ContextCommand {
    static let word = "__demo-app"
    static let configuration = CommandConfiguration(commandName: word, shouldDisplay: false)

    func run(_ context: CommandContext) throws {
        guard let port = context.environment["PORT"].flatMap({ Port($0) }) else {
            throw Failure(
                "The demo's app needs a port in PORT.",
                remedy: "It is started by: portless demo",
            )
        }
        try DemoServer.run(
            port: port.number,
            authority: DemoAuthority(environment: context.environment),
            processID: ProcessIdentity.current.pid,
        )
    }
}

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
