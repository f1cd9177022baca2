import NIOCore
import NIOHTTP1
import NIOPosix
import PortlessCore
import Server
import SystemPackage

extension APIClient {
    private typealias Connection = NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>

    /// Hands over each event of a stream until it ends or `receive` returns false.
    ///
    /// The stream ends when the server does, and for a reader that doesn't keep up; whoever asks
    /// again behind the last event's id misses nothing.
    func follow(
        _ path: String,
        behind id: String? = nil,
        _ receive: @escaping @Sendable (APIEvent) throws -> Bool,
    ) throws {
        let (token, socket) = (token, record.socket.string)
        var headers: HTTPHeaders = [
            "host": "localhost", "accept": "text/event-stream",
            "authorization": "Bearer \(token.text)",
        ]
        if let id { headers.add(name: "last-event-id", value: id) }
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: path, headers: headers)
        try waiting {
            let connection = try await Self.connect(socket)
            try await connection.executeThenClose { inbound, outbound in
                try await outbound.write(contentsOf: [.head(head), .end(nil)])
                try await Self.read(inbound, receive)
            }
        }
    }

    private static func connect(_ socket: String) async throws -> Connection {
        do {
            return try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(unixDomainSocketPath: socket) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHTTPClientHandlers()
                        return try Connection(wrappingChannelSynchronously: channel)
                    }
                }
        } catch {
            throw Failure(
                "The server doesn't answer: \(error).",
                remedy: "Restart it: portless server stop && portless server start",
            )
        }
    }

    private static func read(
        _ parts: NIOAsyncChannelInboundStream<HTTPClientResponsePart>,
        _ receive: (APIEvent) throws -> Bool,
    ) async throws {
        var parser = APIEventParser()
        var refusal: ByteBuffer?
        for try await part in parts {
            switch part {
            case .head(let head):
                if head.status.code >= 400 { refusal = ByteBuffer() }
            case .body(var bytes):
                if refusal != nil {
                    refusal?.writeBuffer(&bytes)
                    continue
                }
                for event in parser.take(bytes.readableBytesView) {
                    guard try receive(event) else { return }
                }
            case .end:
                guard let refusal else { return }
                let json = try? JSONValue(parsing: refusal.readableBytesView)
                throw Failure(json?["detail"]?.string ?? "The server refuses that.")
            }
        }
    }
}
