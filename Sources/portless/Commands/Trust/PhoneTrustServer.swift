import HostSystem
import Machine
import NIOCore
import NIOHTTP1
import NIOPosix
import PortlessCore
import Synchronization

/// Serves the authority to phones of the local network, over plain HTTP and for a while only.
struct PhoneTrustServer {
    /// A phone needs two or three.
    private static let connectionLimit = 16
    private static let connectionLife = TimeAmount.seconds(30)

    let site: PhoneTrust
    let address: IPAddress
    /// 0 lets the system choose.
    let port: Int

    /// Starts serving; the result is the listener, which the caller closes.
    func start() throws -> any Channel {
        let site = site
        let interfaces = NetworkInterface.all()
        let open = OpenConnections(limit: Self.connectionLimit)
        return try ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton.any())
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let peer = channel.remoteAddress?.ipAddress.flatMap { IPAddress($0) }
                    guard let peer,
                        peer.isLoopback || peer.isLocal
                            || interfaces.contains(where: { $0.reaches(peer) }),
                        open.add(channel)
                    else { throw ChannelError.ioOnClosedChannel }
                    channel.eventLoop.scheduleTask(in: Self.connectionLife) {
                        channel.close(promise: nil)
                    }
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(PhoneTrustHandler(site: site))
                }
            }
            .bind(host: address.description, port: port)
            .wait()
    }
}

/// Counts connections.
private final class OpenConnections: Sendable {
    private let limit: Int
    private let count = Mutex(0)

    init(limit: Int) {
        self.limit = limit
    }

    func add(_ channel: any Channel) -> Bool {
        let isAdmitted = count.withLock { count in
            guard count < limit else { return false }
            count += 1
            return true
        }
        guard isAdmitted else { return false }
        channel.closeFuture.whenComplete { _ in self.count.withLock { $0 -= 1 } }
        return true
    }
}

private final class PhoneTrustHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let site: PhoneTrust
    private var head: HTTPRequestHead?

    init(site: PhoneTrust) {
        self.site = site
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

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func answer(_ request: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let answer = site.answer(
            method: request.method.rawValue,
            target: request.uri,
            userAgent: request.headers.first(name: "user-agent") ?? "",
        )
        var headers: HTTPHeaders = [
            "content-type": answer.contentType,
            "content-length": String(answer.body.count),
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
            "referrer-policy": "no-referrer",
            "connection": "close",
        ]
        if let name = answer.fileName {
            headers.add(name: "content-disposition", value: "attachment; filename=\"\(name)\"")
        }
        let head = HTTPResponseHead(
            version: .http1_1,
            status: HTTPResponseStatus(statusCode: answer.status),
            headers: headers,
        )
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if request.method != .HEAD {
            let body = ByteBuffer(bytes: answer.body)
            context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        }
        let loopBound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in
            loopBound.value.close(promise: nil)
        }
    }
}
