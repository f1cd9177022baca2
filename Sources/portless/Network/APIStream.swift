import NIOCore
import NIOHTTP1
import NIOPosix
import PortlessCore
import Server
import SystemPackage

/// Reads an answer of the server that has no end: log lines as they come.
struct APIStream {
    private let server: APIClient

    init(_ server: APIClient) {
        self.server = server
    }

    /// Calls `body` with each line until the server ends the answer; the cursor of the last one.
    ///
    /// `after` is where an earlier answer ended.
    func lines(
        of path: String,
        after: Int64?,
        _ body: @escaping @Sendable (LogLine) -> Void,
    ) throws -> Int64? {
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        let end = loop.makePromise(of: Int64?.self)
        let token = server.token.text
        let connected = ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHTTPClientHandlers()
                    try pipeline.addHandler(
                        APIStreamReader(path, token: token, after: after, end: end, body)
                    )
                }
            }
            .connect(unixDomainSocketPath: server.record.socket.string)
        connected.cascadeFailure(to: end)
        return try end.futureResult.wait()
    }
}
