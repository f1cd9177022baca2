import Logging
import NIOCore
import NIOEmbedded
import NIOHPACK
import PortlessCore

@testable import Proxy

/// What has to hold for whatever a client sends on an HTTP/2 connection, and apps answer.
enum HTTP2SessionProperties {
    /// Plays the session that `script` spells, and tells what is wrong with it, if anything.
    static func violation(_ script: [UInt8]) -> String? {
        do {
            let session = try FuzzedSession(script)
            return try session.play()
        } catch {
            return "threw \(error)"
        }
    }
}

/// A proxy's event loop with one HTTP/2 client and as many apps as it asks for, all in memory.
private final class FuzzedSession {
    private let script: FuzzScript
    private let eventLoop = EmbeddedEventLoop()
    private let client: EmbeddedChannel
    private var frames = HTTP2Bytes()
    private var nextStream = 1
    private var apps: [FuzzedApp] = []
    private var loop: ProxyLoop?

    init(_ bytes: [UInt8]) throws {
        script = FuzzScript(bytes)
        client = EmbeddedChannel(loop: eventLoop)
        try client.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 2)).wait()
        let loop = ProxyLoop(
            eventLoop: eventLoop,
            configuration: ProxyConfiguration(port: 1355, certificates: nil, version: "test"),
            destination: .apps(TestRoutes(Self.routes)),
            connect: { [unowned self] address in self.connect(address) },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        )
        self.loop = loop
        let connection = HTTP2Connection(
            loop: loop,
            forwarded: ForwardedFields(peerAddress: "127.0.0.1", isSecure: true),
            redirectsToTLS: false,
        )
        try client.pipeline.syncOperations.addHandlers(HTTP2Limits.handlers(for: connection))
    }

    func play() throws -> String? {
        frames.begin()
        if script.below(8) != 0 {
            frames.frame(.settings, flags: HTTP2Bytes.Flag.acknowledgement)
        }
        for _ in 0..<60 where !script.isEmpty {
            try writeNext()
            deliver()
            for app in apps {
                if let found = app.advance(script) { return found }
            }
            eventLoop.run()
        }
        return end()
    }

    /// Closes everything, after which nothing may be left.
    private func end() -> String? {
        var answered = ByteBuffer()
        while let part = try? client.readOutbound(as: ByteBuffer.self) {
            answered.writeImmutableBuffer(part)
        }
        while HTTP2RawFrame(from: &answered) != nil {}
        if answered.readableBytes > 0 { return "sent half a frame" }
        client.close(promise: nil)
        eventLoop.run()
        if loop?.clients.count != 0 { return "kept a closed client" }
        loop?.closeAll()
        eventLoop.run()
        if let index = apps.firstIndex(where: \.isOpen) { return "left connection \(index) open" }
        loop = nil
        return nil
    }

    private func connect(_ address: SocketAddress) -> EventLoopFuture<any Channel> {
        guard script.below(8) != 0 else {
            return eventLoop.makeFailedFuture(ChannelError.connectTimeout(.seconds(1)))
        }
        do {
            let app = try FuzzedApp(eventLoop, speaksHTTP2: address.port == 4002)
            apps.append(app)
            return eventLoop.makeSucceededFuture(app.channel)
        } catch {
            return eventLoop.makeFailedFuture(error)
        }
    }

    private func deliver() {
        var bytes = frames.take()
        let size = script.below(4) == 0 ? 1 + script.below(20) : max(bytes.readableBytes, 1)
        while let part = bytes.readSlice(length: min(size, bytes.readableBytes)),
            part.readableBytes > 0
        {
            // A session that has ended takes no more.
            guard client.isActive else { return }
            _ = try? client.writeInbound(part)
        }
    }

    // MARK: What the client sends

    private func writeNext() throws {
        switch script.below(16) {
        case 0...4:
            try writeHeaders(HTTP2Bytes.request(authority: script.one(of: Self.names), fields()))
        case 5:
            let names = ["GET", "POST", "HEAD", "OPTIONS", "CONNECT", "DELETE"]
            let paths = ["/", "/a?b", "*", "http://a", "/ä", ""]
            var request = HTTP2Bytes.request(
                path: script.one(of: paths),
                method: script.one(of: names),
                fields(),
            )
            if script.below(2) == 0 { request.append((":protocol", "websocket")) }
            request.remove(at: script.below(request.count))
            try writeHeaders(request)
        case 6: try frames.headers(fields(), on: stream(), endStream: script.below(4) != 0)
        case 7, 8: writeData()
        case 9: frames.frame(.rstStream, on: stream(), script.bytes(4))
        case 10: frames.frame(.windowUpdate, on: stream(orRoot: true), script.bytes(4))
        case 11: writeSettings()
        case 12: frames.frame(.ping, flags: script.byte() & 1, script.bytes(8))
        case 13:
            let kind = script.one(of: [
                HTTP2Bytes.Kind.priority, .goAway, .continuation, .pushPromise,
            ])
            let on = kind == .goAway ? 0 : stream()
            frames.frame(
                kind,
                flags: script.byte(),
                on: on,
                script.bytes(script.one(of: [5, 8, 30])),
            )
        case 14:
            frames.write(
                length: script.below(64),
                script.byte() % 12,
                flags: script.byte(),
                on: stream(orRoot: true),
            )
            frames.write(script.bytes(script.below(64)))
        default: frames.write(script.bytes(script.below(16)))
        }
    }

    private func writeHeaders(_ fields: [(String, String)]) throws {
        try frames.headers(
            fields,
            on: nextStream,
            endStream: script.below(2) == 0,
            frameSize: script.one(of: [16_384, 10, 100]),
        )
        nextStream += 2
    }

    private func writeData() {
        var flags = script.byte() & (HTTP2Bytes.Flag.endStream | HTTP2Bytes.Flag.padded)
        if script.below(3) != 0 { flags &= ~HTTP2Bytes.Flag.padded }
        let size = script.one(of: [0, 1, 10, 200, 16_000])
        var payload = [UInt8](repeating: 0x61, count: size)
        if flags & HTTP2Bytes.Flag.padded != 0 { payload.insert(script.byte(), at: 0) }
        frames.frame(.data, flags: flags, on: stream(), payload)
    }

    private func writeSettings() {
        guard script.below(4) != 0 else {
            frames.frame(.settings, flags: HTTP2Bytes.Flag.acknowledgement)
            return
        }
        frames.frame(.settings, script.settings())
    }

    private func fields() -> [(String, String)] {
        (0..<script.below(4)).map { _ in script.one(of: Self.fields) }
    }

    private func stream(orRoot: Bool = false) -> Int {
        if orRoot, script.below(2) == 0 { return 0 }
        let opened = (nextStream - 1) / 2
        return script.below(20) == 0 ? script.below(256) : 1 + 2 * script.below(opened)
    }

    private static let names = [
        "app.localhost", "app.localhost", "grpc.localhost", "no.localhost", "",
    ]

    private static let fields = [
        ("accept", "text/html"), ("cookie", "a=1"), ("cookie", "b=2"), ("content-length", "10"),
        ("content-length", "0"), ("te", "trailers"), ("connection", "close"), ("x-a", "b\r\nc: d"),
        ("x-forwarded-for", "10.0.0.1"), ("x-forwarded-host", "b"), ("x-portless-hops", "4"),
        ("transfer-encoding", "chunked"), ("host", "b"),
        ("x-large", String(repeating: "{", count: 9000)),
        ("expect", "100-continue"), ("sum", "1"), (":path", "/again"), ("upgrade", "h2c"),
        ("x-empty", ""), ("X-Upper", "a"), ("x y", "a"),
    ]

    private static let routes: [Route] = [("app.localhost", 4001), ("grpc.localhost", 4002)]
        .compactMap { name, number in
            guard let hostname = Hostname(name), let port = Port(number) else { return nil }
            var route = Route(hostname: hostname, port: port, owner: .alias)
            if number == 4002 { route.upstreamProtocol = .h2c }
            return route
        }
}
