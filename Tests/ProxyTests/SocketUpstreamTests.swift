import Logging
import NIOCore
import NIOPosix
import PortlessCore
import SystemPackage
import TestSupport
import Testing

@testable import Proxy

@Suite(.timeLimit(.minutes(1))) struct SocketUpstreamTests {
    /// Answers every request with its own head.
    private final class Mirror: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let head = unwrapInboundIn(data)
            var answer = ByteBuffer(
                string: "HTTP/1.1 200 OK\r\ncontent-length: \(head.readableBytes)\r\n\r\n"
            )
            answer.writeImmutableBuffer(head)
            context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
        }
    }

    @Test func `everything goes to the socket, whatever name is asked for`() async throws {
        try await TemporaryDirectory.with { path in
            let socket = path.appending("b.sock")
            let backend = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(Mirror())
                    }
                }
                .bind(unixDomainSocketPath: socket.string).get()
            let proxy = try await ProxyServer(
                configuration: ProxyConfiguration(
                    port: 5555,
                    certificates: nil,
                    version: "test",
                ),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                server: socket,
            )
            let address = try await proxy.listen(
                on: ListeningEndpoint(.address(host: "127.0.0.1", port: 0))
            )
            let port = try #require(address?.port)
            for host in ["localhost", "anything.example", "127.0.0.1"] {
                let answer = try await RawConnection.with(port: port) { client in
                    try await client.send(
                        "GET /x HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n"
                    )
                    return await client.readToEnd()
                }
                #expect(answer.contains("200 OK"))
                #expect(answer.contains("x-forwarded-for: 127.0.0.1"))
                #expect(answer.contains(host))
            }
            await proxy.shutDown(grace: .zero)
            try await backend.close()
        }
    }
}
