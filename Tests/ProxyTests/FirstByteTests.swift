import NIOCore
import NIOEmbedded
import Testing

@testable import Proxy

/// How a connection finds out what protocol its client speaks.
@Suite(.timeLimit(.minutes(1))) struct FirstByteTests {
    @Test func `bytes that a failing write finds don't begin the session a second time`() throws {
        let client = try EmbeddedClient()
        var out = HTTP2Bytes()
        out.frame(.settings)
        // The server's settings are written while the session's handlers are being added.
        try client.channel.pipeline.syncOperations.addHandler(
            ReadAtFirstFlush(out.take()),
            position: .first,
        )
        try client.send(HTTP2Bytes.preface)
        #expect(client.isOpen)
        client.channel.embeddedEventLoop.run()
        client.end()
    }
}

/// A socket whose first write fails, which has it read what is left.
private final class ReadAtFirstFlush: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    private var bytes: ByteBuffer?

    init(_ bytes: ByteBuffer) {
        self.bytes = bytes
    }

    func flush(context: ChannelHandlerContext) {
        guard let bytes else { return context.flush() }
        self.bytes = nil
        context.fireChannelRead(NIOAny(bytes))
        context.flush()
    }
}
