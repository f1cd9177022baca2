import Logging
import NIOCore
import NIOEmbedded
import NIOSSL
import PortlessCore

@testable import Proxy

/// A client of the proxy without a socket and with a clock of its own: the test says when bytes
/// come, when the client reads, and how time passes.
final class EmbeddedClient {
    let loop: ProxyLoop
    let channel: EmbeddedChannel
    private let eventLoop: EmbeddedEventLoop
    private let reads = ReadCounter()

    /// A client that has just been accepted.
    init(
        limits: ClientLimits = ClientLimits(),
        certificates: (any CertificateSource)? = nil,
        routes: TestRoutes = TestRoutes([]),
        listenerCheck: ListenerCheck? = nil,
    ) throws {
        eventLoop = EmbeddedEventLoop()
        loop = ProxyLoop.embedded(
            on: eventLoop,
            limits: limits,
            routes: routes,
            listenerCheck: listenerCheck,
        )
        channel = try Self.accept(
            on: loop,
            eventLoop,
            reads,
            tls: certificates.map { try ServerTLS.makeContext($0) },
        )
    }

    /// Another client of the same proxy as `other`.
    init(beside other: EmbeddedClient) throws {
        eventLoop = other.eventLoop
        loop = other.loop
        channel = try Self.accept(on: loop, eventLoop, reads, tls: nil)
    }

    private static func accept(
        on loop: ProxyLoop,
        _ eventLoop: EmbeddedEventLoop,
        _ reads: ReadCounter,
        tls: NIOSSLContext?,
    ) throws -> EmbeddedChannel {
        let channel = EmbeddedChannel(handler: reads, loop: eventLoop)
        try ClientPipelines(loop: loop, tls: tls, isRedirectOnly: false).begin(channel)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        return channel
    }

    var isOpen: Bool { channel.isActive }

    func send(_ text: String) throws {
        if isOpen { try channel.writeInbound(ByteBuffer(string: text)) }
    }

    func send(_ bytes: some Sequence<UInt8>) throws {
        if isOpen { try channel.writeInbound(ByteBuffer(bytes: bytes)) }
    }

    /// What was sent to the client since it last looked.
    func received() throws -> String {
        String(decoding: try receivedBytes(), as: UTF8.self)
    }

    /// The same where it may be no text.
    func receivedBytes() throws -> [UInt8] {
        var all: [UInt8] = []
        while let part = try channel.readOutbound(as: ByteBuffer.self) {
            all += part.readableBytesView
        }
        return all
    }

    /// Says whether the client has room for more bytes.
    func takes(_ isWritable: Bool) {
        channel.isWritable = isWritable
        channel.pipeline.fireChannelWritabilityChanged()
    }

    /// Whether the proxy asks the socket for more when it may.
    func isRead() -> Bool {
        let before = reads.count
        channel.read()
        return reads.count > before
    }

    func pass(_ time: TimeAmount) {
        eventLoop.advanceTime(by: time)
    }

    /// Ends the proxy with all its connections.
    func end() {
        loop.closeAll()
        eventLoop.run()
    }
}

extension ProxyLoop {
    static func embedded(
        on eventLoop: EmbeddedEventLoop,
        limits: ClientLimits = ClientLimits(),
        routes: TestRoutes = TestRoutes([]),
        listenerCheck: ListenerCheck? = nil,
        topLevelNames: [String] = ["localhost"],
        remotePeers: RemotePeers = .none,
    ) -> ProxyLoop {
        ProxyLoop(
            eventLoop: eventLoop,
            configuration: ProxyConfiguration(
                port: 1355,
                certificates: nil,
                topLevelNames: topLevelNames,
                remotePeers: remotePeers,
                limits: limits,
                version: "test",
            ),
            destination: .apps(routes),
            listenerCheck: listenerCheck,
            refusalNotice: nil,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        )
    }
}

/// Stands where the socket would, and counts how often it is asked for more.
private final class ReadCounter: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    private(set) var count = 0

    func read(context: ChannelHandlerContext) {
        count += 1
        context.read()
    }
}
