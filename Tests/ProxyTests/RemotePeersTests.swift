import NIOCore
import NIOEmbedded
import PortlessCore
import Testing

@testable import Proxy

@Suite struct RemotePeersTests {
    private let network = RemotePeers.localNetwork(suffix: ".local")

    @Test(arguments: [
        ("192.168.1.9", true), ("10.0.0.1", true), ("fe80::1%eth0", true), ("fd00::7", true),
        ("8.8.8.8", false), ("2001:db8::1", false), ("", false), ("nonsense", false),
    ])
    func `only computers of a local network are served`(address: String, isServed: Bool) {
        #expect(network.admits(address: address) == isServed)
        #expect(!RemotePeers.none.admits(address: address))
        #expect(RemotePeers.all.admits(address: address))
    }

    @Test(arguments: [
        ("shop.local", true), ("SHOP.LOCAL:443", true), ("a.shop.local.", true),
        ("shop.localhost", false), ("shop.local.evil.example", false), ("local", false),
        ("shoplocal", false), ("192.168.1.2", false), ("", false), (":443", false),
        ("shop.localhost:1.local", false),
    ])
    func `they may have names of the network only`(authority: String, mayHave: Bool) {
        #expect(network.admits(authority: Array(authority.utf8).span) == mayHave)
    }

    /// What a client at an address is answered over HTTP/1.
    private func answer(
        to authority: String,
        from address: String,
        isRemote: Bool,
    ) throws -> String {
        let eventLoop = EmbeddedEventLoop()
        let loop = ProxyLoop.embedded(
            on: eventLoop,
            routes: TestRoutes(
                try ["shop.local", "shop.localhost"].map { name in
                    Route(hostname: try #require(Hostname(name)), port: 4000, owner: .alias)
                }
            ),
            listenerCheck: { _, _ in .refuse(holder: "another app") },
            topLevelNames: ["local", "localhost"],
            remotePeers: network,
        )
        let connection = HTTP1Connection(
            loop: loop,
            forwarded: ForwardedFields(
                peerAddress: address,
                isSecure: true,
                isRemote: isRemote,
            ),
            redirectsToTLS: false,
        )
        let channel = EmbeddedChannel(handler: connection, loop: eventLoop)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        let request = "GET / HTTP/1.1\r\nHost: \(authority)\r\nAccept: text/html\r\n\r\n"
        try channel.writeInbound(ByteBuffer(string: request))
        return try channel.readOutbound(as: ByteBuffer.self).map { String(buffer: $0) } ?? ""
    }

    @Test func `a name of this machine is unknown to others, and not listed`() throws {
        let refused = try answer(to: "shop.localhost", from: "192.168.1.9", isRemote: true)
        #expect(refused.hasPrefix("HTTP/1.1 404 "))
        #expect(refused.contains("https://shop.local:1355"))
        #expect(!refused.contains("https://shop.localhost"))
        // This machine has both.
        let here = try answer(to: "other.localhost", from: "127.0.0.1", isRemote: false)
        #expect(here.contains("https://shop.localhost"))
        let own = try answer(to: "shop.localhost", from: "127.0.0.1", isRemote: false)
        #expect(!own.hasPrefix("HTTP/1.1 404 "))
        let named = try answer(to: "shop.local", from: "192.168.1.9", isRemote: true)
        #expect(!named.hasPrefix("HTTP/1.1 404 "))
    }
}
