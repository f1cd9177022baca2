import NIOCore
import NIOHTTP1
import NIOPosix
package import PortlessCore

/// The port on which a browser would offer its DevTools, and who is there.
package struct DevToolsEndpoint: Sendable {
    package let port: Port

    package init(port: Port) {
        self.port = port
    }

    package enum Answer: Hashable, Sendable {
        case browser(BrowserIdentity)
        /// Something that listens, and is no browser with DevTools.
        case stranger
        case nothing
    }

    private static let longestAnswer = 64 << 10
    private static let patience = TimeAmount.seconds(3)

    /// Asks `/json/version`, which any HTTP server may answer with any page.
    package func look() async -> Answer {
        let channel: Client
        do {
            channel = try await connect()
        } catch {
            return .nothing
        }
        let deadline = channel.channel.eventLoop.scheduleTask(in: Self.patience) {
            channel.channel.close(promise: nil)
        }
        defer { deadline.cancel() }
        guard let body = try? await Self.body(from: channel, port),
            let json = try? JSONValue(parsing: body.readableBytesView),
            let identity = BrowserIdentity(json: json)
        else { return .stranger }
        return .browser(identity)
    }

    /// The browser's identity; throws where there is none.
    package func browser() async throws -> BrowserIdentity {
        switch await look() {
        case .browser(let identity): return identity
        case .stranger: throw DevToolsError.noDevTools(port)
        case .nothing: throw BrowserAbsence()
        }
    }

    /// Calls `body` with a connection that ends with it.
    package func connected<Result>(
        taking take: @escaping @Sendable (DevToolsEvent, DevToolsConnection) -> Void = { _, _ in },
        perform body: (DevToolsConnection) async throws -> Result,
    ) async throws -> Result {
        let connection = try await DevToolsConnection.open(
            port: port,
            path: try await browser().socketPath,
            taking: take,
        )
        do {
            let result = try await body(connection)
            await connection.close()
            return result
        } catch {
            await connection.close()
            throw error
        }
    }

    private typealias Client = NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>

    private func connect() async throws -> Client {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(Self.patience)
            .connect(host: "127.0.0.1", port: port.number) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    return try Client(wrappingChannelSynchronously: channel)
                }
            }
    }

    /// The body of a successful answer; nil for any other.
    private static func body(from channel: Client, _ port: Port) async throws -> ByteBuffer? {
        try await channel.executeThenClose { parts, out in
            let head = HTTPRequestHead(
                version: .http1_1,
                method: .GET,
                uri: "/json/version",
                headers: ["host": "127.0.0.1:\(port)", "connection": "close"],
            )
            try await out.write(.head(head))
            try await out.write(.end(nil))
            var body = ByteBuffer()
            for try await part in parts {
                switch part {
                case .head(let head): guard head.status == .ok else { return nil }
                case .body(let bytes):
                    guard body.readableBytes + bytes.readableBytes <= longestAnswer else {
                        return nil
                    }
                    body.writeImmutableBuffer(bytes)
                case .end: return body
                }
            }
            return nil
        }
    }
}

/// What a browser says of itself in `/json/version`.
package struct BrowserIdentity: Hashable, Sendable {
    /// The whole answer.
    package let json: JSONValue
    /// Of the WebSocket that leads to the browser as a whole.
    package let socketPath: String

    /// Nil for any JSON that isn't a browser's.
    package init?(json: JSONValue) {
        guard let url = json["webSocketDebuggerUrl"]?.string, url.hasPrefix("ws://"),
            let slash = url.dropFirst(5).firstIndex(of: "/")
        else { return nil }
        let path = url[slash...]
        guard path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        self.json = json
        socketPath = String(path)
    }

    /// Such as `Chrome/150.0.1.2`.
    package var product: String { json["Browser"]?.string ?? "a browser" }
}

/// The managed browser isn't running.
package struct BrowserAbsence: Error, CustomStringConvertible {
    package init() {}

    package var description: String {
        "The managed browser isn't running. Start it: portless browser start"
    }
}
