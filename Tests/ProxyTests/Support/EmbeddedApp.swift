import NIOCore
import NIOEmbedded
import PortlessCore

@testable import Proxy

/// An app with one client, neither of which has a socket.
///
/// Its connections to the proxy are there from the beginning. Where the proxy wants more of them,
/// it is told that another app holds the port.
final class EmbeddedApp {
    let client: EmbeddedClient
    private var connections: [(channel: EmbeddedChannel, received: [UInt8])] = []

    init() throws {
        let routes = TestRoutes(
            ["app.localhost", "a.localhost"].compactMap(Hostname.init).map {
                Route(hostname: $0, port: 4999, owner: .alias)
            }
        )
        client = try EmbeddedClient(routes: routes) { _, _ in .refuse(holder: "another app") }
        let name = Array("app.localhost".utf8)
        let routed = client.loop.router.route(authority: name.span, path: { [] })
        guard let upstream = routed.upstream else { return }
        for _ in 0..<8 {
            let connection = UpstreamConnection(upstream: upstream)
            let channel = EmbeddedChannel(
                handler: connection,
                loop: client.channel.embeddedEventLoop,
            )
            try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
            upstream.checkIn(connection)
            connections.append((channel, []))
        }
    }

    /// Lets the connection whose request came last answer with these bytes, in two pieces.
    func answer(_ bytes: ArraySlice<UInt8>, cutAt cut: Int) throws {
        collect()
        guard
            let channel = connections.last(where: { $0.channel.isActive && !$0.received.isEmpty })?
                .channel
        else { return }
        for part in [bytes.prefix(cut), bytes.dropFirst(cut)] where channel.isActive {
            try channel.writeInbound(ByteBuffer(bytes: part))
        }
        client.channel.embeddedEventLoop.run()
    }

    private func collect() {
        for index in connections.indices {
            let channel = connections[index].channel
            while let part = try? channel.readOutbound(as: ByteBuffer.self) {
                connections[index].received += part.readableBytesView
            }
        }
    }

    /// What the app received that is no request, if anything; the last one may be cut off.
    func requestsViolation() -> String? {
        collect()
        for connection in connections {
            if let found = Self.violation(connection.received) { return found }
        }
        return nil
    }

    private static func violation(_ bytes: [UInt8]) -> String? {
        var rest = ByteBuffer(bytes: bytes)
        while rest.readableBytes > 0 {
            var head = RequestHead()
            do {
                guard try head.parse(rest.readableBytesUInt8Span) else { return nil }
                guard MessageText(Array(rest.readableBytesView.prefix(head.length))) != nil else {
                    return "sent the app lines that are not clean"
                }
                rest.moveReaderIndex(forwardBy: head.length)
                var body = RequestBody(head.framing)
                while !body.isComplete {
                    guard try body.take(from: &rest) != nil else { return nil }
                }
            } catch {
                return "sent the app what is no request (\(error.explanation))"
            }
        }
        return nil
    }
}
