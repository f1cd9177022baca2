import NIOCore
import NIOEmbedded

@testable import Proxy

/// A client's HTTP/2 session without a socket, whose frames are the test's own.
enum EmbeddedHTTP2 {
    static func channel(
        on eventLoop: EmbeddedEventLoop = EmbeddedEventLoop(),
        limits: ClientLimits = ClientLimits(),
        redirectsToTLS: Bool = false,
    ) throws -> EmbeddedChannel {
        let connection = HTTP2Connection(
            loop: ProxyLoop.embedded(on: eventLoop, limits: limits),
            forwarded: ForwardedFields(peerAddress: "127.0.0.1", isSecure: true),
            redirectsToTLS: redirectsToTLS,
        )
        let channel = EmbeddedChannel(handler: connection, loop: eventLoop)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        return channel
    }
}
