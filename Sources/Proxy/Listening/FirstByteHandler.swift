import NIOCore
import NIOSSL

/// Looks at a connection's first bytes and builds the rest of its pipeline: TLS, HTTP/2 or HTTP/1.
///
/// A TLS record of a handshake begins with 0x16 (RFC 8446 section 5.1), which no HTTP method does;
/// `PRI` begins the preface of HTTP/2 (RFC 9113 section 3.4) and is reserved for it.
final class FirstByteHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private static let handshakeRecord: UInt8 = 0x16
    private static let preface = Array("PRI".utf8)

    private let pipelines: ClientPipelines
    private var received = ByteBuffer()
    private var isDecided = false

    init(pipelines: ClientPipelines) {
        self.pipelines = pipelines
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received.writeImmutableBuffer(unwrapInboundIn(data))
        let start = received.readableBytesView.prefix(Self.preface.count)
        // `P` and `PR` may still become `PRI` as well as `PUT` or `PROPFIND`.
        let isUndecided = start.count < Self.preface.count && Self.preface.starts(with: start)
        // Handlers may write while they are added, and a write that fails reads the remaining
        // bytes, which have to wait until all handlers are there.
        guard !isUndecided, !isDecided else { return }
        isDecided = true
        do {
            if start.first == Self.handshakeRecord, pipelines.tls != nil {
                try pipelines.addTLS(to: context.channel)
            } else if start.elementsEqual(Self.preface) {
                try pipelines.addHTTP2(to: context.channel, isSecure: false)
            } else {
                try pipelines.addHTTP1(to: context.channel, isSecure: false)
            }
            while received.readableBytes > 0, context.channel.isActive {
                let bytes = received
                received = ByteBuffer()
                context.fireChannelRead(wrapInboundOut(bytes))
            }
            context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
        } catch {
            context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
