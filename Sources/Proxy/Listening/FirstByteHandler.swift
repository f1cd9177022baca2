import NIOCore
import NIOSSL

/// Looks at a connection's first byte and builds the rest of its pipeline: TLS or plain HTTP.
///
/// A TLS record of a handshake begins with 0x16 (RFC 8446 section 5.1), which no HTTP method does.
final class FirstByteHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private static let handshakeRecord: UInt8 = 0x16

    private let pipelines: ClientPipelines

    init(pipelines: ClientPipelines) {
        self.pipelines = pipelines
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        guard let first = bytes.getInteger(at: bytes.readerIndex, as: UInt8.self) else { return }
        do {
            if first == Self.handshakeRecord {
                try pipelines.addTLS(to: context.channel)
            } else {
                try pipelines.addPlain(to: context.channel)
            }
            context.fireChannelRead(data)
            context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
        } catch {
            context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
