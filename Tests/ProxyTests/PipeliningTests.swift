import NIOCore
import NIOEmbedded
import NIOHPACK
import NIOHTTP2
import Testing

@testable import Proxy

/// Requests that are sent ahead of their answers, on one connection.
@Suite(.timeLimit(.minutes(1))) struct PipeliningTests {
    private static let smallest = "GET / HTTP/1.1\r\nHost:\r\n\r\n"
    private static let unknown = "GET / HTTP/1.1\r\nHost: nowhere.localhost\r\n\r\n"

    private func count(_ client: EmbeddedClient) throws -> Int {
        try client.received().ranges(of: "HTTP/1.1 4").count
    }

    @Test(arguments: [
        smallest, unknown, "POST / HTTP/1.1\r\nHost:\r\nContent-Length: 3\r\n\r\nabc",
        "GET / HTTP/1.1\r\nHost: a\r\nx-portless-hops: 9\r\n\r\n",
    ])
    func `20,000 requests in one piece are answered one after another`(request: String) throws {
        let client = try EmbeddedClient()
        try client.send(String(repeating: request, count: 20_000))
        #expect(try client.received().ranges(of: "X-Portless: 1\r\n").count == 20_000)
    }

    @Test func `no answer is begun while the client takes none`() throws {
        let client = try EmbeddedClient()
        client.takes(false)
        try client.send(String(repeating: Self.unknown, count: 3))
        #expect(try count(client) == 0)
        client.takes(true)
        #expect(try count(client) == 3)
    }

    @Test func `a client that reads nothing is not read from once a head's worth is there`() throws
    {
        let client = try EmbeddedClient()
        // The connection's protocol is known only after its first bytes.
        try client.send(Self.unknown)
        #expect(try count(client) == 1)
        client.takes(false)
        #expect(client.isRead())
        let requests = ClientLimits.input / Self.unknown.utf8.count + 1
        try client.send(String(repeating: Self.unknown, count: requests))
        #expect(!client.isRead())
        client.takes(true)
        #expect(try count(client) == requests)
        #expect(client.isRead())
    }

    @Test func `answers are flushed while more requests wait, to see whether they are taken`()
        throws
    {
        let client = try EmbeddedClient()
        let stopper = StopAtFirstFlush()
        try client.channel.pipeline.syncOperations.addHandler(stopper, position: .first)
        try client.send(String(repeating: Self.unknown, count: 10_000))
        let answered = try count(client)
        // The requests that were answered until the first flush, and no other.
        #expect((1...1000).contains(answered))
        client.takes(true)
        #expect(try count(client) == 10_000 - answered)
    }

    @Test func `a buffer that is never empty doesn't keep what was taken from it`() {
        var buffer = ByteBuffer()
        for _ in 0..<10_000 {
            buffer.append(ByteBuffer(repeating: 1, count: 1000))
            buffer.moveReaderIndex(forwardBy: buffer.readableBytes - 10)
        }
        #expect(buffer.readableBytes == 10)
        #expect(buffer.capacity < 10_000)
    }

    // MARK: HTTP/2

    private static func headers(_ id: HTTP2StreamID, endStream: Bool = true) -> HTTP2Frame {
        let fields = HPACKHeaders([
            (":method", "GET"), (":scheme", "https"), (":authority", "nowhere.localhost"),
            (":path", "/"),
        ])
        return HTTP2Frame(
            streamID: id,
            payload: .headers(.init(headers: fields, endStream: endStream)),
        )
    }

    /// The streams that a head was sent on.
    private func answered(_ channel: EmbeddedChannel) throws -> [HTTP2StreamID] {
        channel.embeddedEventLoop.run()
        var ids: [HTTP2StreamID] = []
        while let frame = try channel.readOutbound(as: HTTP2Frame.self) {
            if case .headers = frame.payload { ids.append(frame.streamID) }
        }
        return ids
    }

    @Test func `requests over HTTP/2 wait while the client reads nothing`() throws {
        let channel = try EmbeddedHTTP2.channel()
        _ = try answered(channel)
        channel.isWritable = false
        channel.pipeline.fireChannelWritabilityChanged()
        for id in [1, 3, 5] { try channel.writeInbound(Self.headers(HTTP2StreamID(id))) }
        #expect(try answered(channel) == [])
        // A stream that is reset meanwhile is never looked at.
        try channel.writeInbound(HTTP2Frame(streamID: 3, payload: .rstStream(.cancel)))
        channel.isWritable = true
        channel.pipeline.fireChannelWritabilityChanged()
        #expect(try answered(channel) == [1, 5])
    }

    @Test func `a body that is whole before its request may begin is still read`() throws {
        let channel = try EmbeddedHTTP2.channel()
        _ = try answered(channel)
        channel.isWritable = false
        channel.pipeline.fireChannelWritabilityChanged()
        try channel.writeInbound(Self.headers(1, endStream: false))
        try channel.writeInbound(
            HTTP2Frame(
                streamID: 1,
                payload: .data(.init(data: .byteBuffer(ByteBuffer(string: "x")), endStream: true)),
            )
        )
        channel.isWritable = true
        channel.pipeline.fireChannelWritabilityChanged()
        channel.embeddedEventLoop.run()
        var frames: [HTTP2Frame] = []
        while let frame = try channel.readOutbound(as: HTTP2Frame.self) { frames.append(frame) }
        #expect(frames.count >= 2)
        // The upload has ended, so there is no reason to ask for its end.
        #expect(
            !frames.contains { if case .rstStream = $0.payload { true } else { false } }
        )
    }

    /// RFC 9112 section 2.2.
    @Test func `empty lines before a head are passed over, wherever they are cut`() throws {
        let request = "GET / HTTP/1.1\r\nHost: app.localhost\r\n\r\n"
        let bytes = Array((request + "\r\n\r\n" + request).utf8)
        for cut in 0...bytes.count {
            let client = try EmbeddedClient()
            try client.send(bytes[..<cut])
            try client.send(bytes[cut...])
            let answers = try client.received()
            #expect(answers.split(separator: "HTTP/1.1 404 ").count == 2, "cut at \(cut)")
            client.end()
        }
    }
}

/// The socket of a client that stops taking bytes with the first flush.
private final class StopAtFirstFlush: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    private var hasFlushed = false

    func flush(context: ChannelHandlerContext) {
        context.flush()
        guard !hasFlushed else { return }
        hasFlushed = true
        (context.channel as? EmbeddedChannel)?.isWritable = false
        context.fireChannelWritabilityChanged()
    }
}
