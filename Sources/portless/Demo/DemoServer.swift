import NIOCore
import NIOHTTP1
import NIOPosix

/// The demo's app: an HTTP server on the loopback port it was told.
enum DemoServer {
    /// Serves until the process is ended.
    static func run(port: Int, authority: DemoAuthority?, processID: Int32) throws {
        let channel = try ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(
                        DemoHandler(port: port, authority: authority, processID: processID)
                    )
                }
            }
            .bind(host: "127.0.0.1", port: port)
            .wait()
        try channel.closeFuture.wait()
    }
}
