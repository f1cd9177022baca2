import HostSystem
import NIOCore
import NIOPosix

/// Answers DNS on one port of this machine's loopback addresses, by UDP and TCP (RFC 7766).
final class DNSListener: Sendable {
    /// A resolver keeps one connection or a few; each costs less than 8 KiB.
    private static let mostConnections = 64
    /// RFC 7766 section 6.2.3 asks for a few seconds at least.
    private static let idleTime = TimeAmount.seconds(10)

    /// A successor opens the port before this process leaves it.
    private static let isShared = NIOBSDSocket.Option(rawValue: sharedPort)

    private let channels: [any Channel]

    private init(_ channels: [any Channel]) {
        self.channels = channels
    }

    /// Throws where the port of 127.0.0.1 can't be had; ::1 may be missing.
    static func open(
        on eventLoop: any EventLoop,
        port: Int,
        _ answerer: DNSAnswerer,
    ) async throws -> DNSListener {
        var channels = try await bind("127.0.0.1", port, on: eventLoop, answerer)
        // Port 0 is a test's.
        let bound = channels.first?.localAddress?.port ?? port
        channels += (try? await bind("::1", bound, on: eventLoop, answerer)) ?? []
        return DNSListener(channels)
    }

    var port: Int? { channels.first?.localAddress?.port }

    func close() async {
        for channel in channels { try? await channel.close() }
    }

    private static func bind(
        _ host: String,
        _ port: Int,
        on eventLoop: any EventLoop,
        _ answerer: DNSAnswerer,
    ) async throws -> [any Channel] {
        let connections = NIOLoopBoundBox.makeBoxSendingValue(0, eventLoop: eventLoop)
        let stream = try await ServerBootstrap(group: eventLoop)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.socketOption(isShared), value: 1)
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard connections.value < mostConnections else {
                        throw ChannelError.ioOnClosedChannel
                    }
                    connections.value += 1
                    channel.closeFuture.whenComplete { _ in connections.value -= 1 }
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(IdleStateHandler(readTimeout: idleTime))
                    try pipeline.addHandler(DNSConnection(answerer))
                }
            }
            .bind(host: host, port: port).get()
        do {
            let datagrams = try await DatagramBootstrap(group: eventLoop)
                .channelOption(.socketOption(isShared), value: 1)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(DNSDatagrams(answerer))
                    }
                }
                .bind(host: host, port: stream.localAddress?.port ?? port).get()
            return [stream, datagrams]
        } catch {
            try? await stream.close()
            throw error
        }
    }
}

/// Answers a message in each datagram; an answer that the socket has no room for is dropped.
private final class DNSDatagrams: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias OutboundOut = AddressedEnvelope<ByteBuffer>

    private let answerer: DNSAnswerer

    init(_ answerer: DNSAnswerer) {
        self.answerer = answerer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let query = unwrapInboundIn(data)
        guard context.channel.isWritable, query.data.readableBytes <= DNSAnswerer.longestMessage,
            let answer = answerer.answer(query.data.readableBytesUInt8Span)
        else { return }
        let envelope = AddressedEnvelope(
            remoteAddress: query.remoteAddress,
            data: ByteBuffer(bytes: answer),
        )
        context.write(wrapOutboundOut(envelope), promise: nil)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.flush()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A client that was gone before its answer came: the socket serves the others.
    }
}

/// Messages one after another, each behind its length in two bytes.
private final class DNSConnection: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let answerer: DNSAnswerer
    private var inbound = ByteBuffer()
    private var holdsRead = false

    init(_ answerer: DNSAnswerer) {
        self.answerer = answerer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        inbound.writeImmutableBuffer(unwrapInboundIn(data))
        while let length = inbound.getInteger(at: inbound.readerIndex, as: UInt16.self) {
            guard length <= DNSAnswerer.longestMessage else { return close(context) }
            guard let message = inbound.readLengthPrefixedSlice(as: UInt16.self) else { break }
            guard let answer = answerer.answer(message.readableBytesUInt8Span) else {
                return close(context)
            }
            var framed = ByteBuffer()
            framed.writeInteger(UInt16(answer.count))
            framed.writeBytes(answer)
            context.write(wrapOutboundOut(framed), promise: nil)
        }
        inbound.discardReadBytes()
        context.flush()
    }

    // A client that doesn't read its answers is read no further.
    func read(context: ChannelHandlerContext) {
        if context.channel.isWritable { context.read() } else { holdsRead = true }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        guard context.channel.isWritable, holdsRead else { return }
        holdsRead = false
        context.read()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent { close(context) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        close(context)
    }

    private func close(_ context: ChannelHandlerContext) {
        context.close(mode: .all, promise: nil)
    }
}
