import NIOCore
import NIOSSL

/// Looks at a connection's first bytes and builds the rest of its pipeline: TLS, HTTP/2 or HTTP/1.
///
/// A TLS record of a handshake begins with 0x16 (RFC 8446 section 5.1), which no HTTP method does;
/// `PRI` begins the preface of HTTP/2 (RFC 9113 section 3.4) and is reserved for it. PostgreSQL's
/// clients ask for TLS first, by a message that begins with 0.
final class FirstByteHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private static let handshakeRecord: UInt8 = 0x16
    private static let preface = Array("PRI".utf8)

    private let pipelines: ClientPipelines
    private var received = ByteBuffer()
    private var isDecided = false
    /// The client is one of PostgreSQL, and was told that TLS may begin.
    private var expectsTLS = false

    init(pipelines: ClientPipelines) {
        self.pipelines = pipelines
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received.writeImmutableBuffer(unwrapInboundIn(data))
        // Handlers may write while they are added, and a write that fails reads the remaining
        // bytes, which have to wait until all handlers are there.
        guard !isDecided else { return }
        let first = received.getInteger(at: received.readerIndex, as: UInt8.self)
        if expectsTLS {
            guard first == Self.handshakeRecord else { return context.close(promise: nil) }
        } else if first == PostgreSQLStart.firstByte, pipelines.loop.gate == nil {
            guard received.readableBytes >= PostgreSQLStart.length else { return }
            if let start = PostgreSQLStart(received) { return answer(start, context) }
        }
        let start = received.readableBytesView.prefix(Self.preface.count)
        // `P` and `PR` may still become `PRI` as well as `PUT` or `PROPFIND`.
        let isUndecided = start.count < Self.preface.count && Self.preface.starts(with: start)
        guard !isUndecided else { return }
        isDecided = true
        do {
            if start.first == Self.handshakeRecord, pipelines.tls != nil {
                try pipelines.addTLS(to: context.channel, isPostgreSQL: expectsTLS)
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

    private func answer(_ start: PostgreSQLStart, _ context: ChannelHandlerContext) {
        let isAlone = received.readableBytes == PostgreSQLStart.length
        received = ByteBuffer()
        switch start {
        // Bytes behind the question would be taken for a part of the encrypted session
        // (CVE-2021-23222).
        case .encryption, .kerberos:
            guard isAlone else { return context.close(promise: nil) }
            expectsTLS = start == .encryption && pipelines.tls != nil
            let answer = expectsTLS ? PostgreSQLStart.acceptance : PostgreSQLStart.refusal
            context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
        case .cancellation: context.close(promise: nil)
        case .session:
            isDecided = true
            let error = PostgreSQLStart.error(
                "08004",
                "portless: databases are told apart by their names in TLS, so add sslmode=require, "
                    + "or connect to the database's own port; `portless list` shows it.",
            )
            context.writeAndFlush(wrapOutboundOut(error)).assumeIsolated().whenComplete { _ in
                context.close(promise: nil)
            }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
