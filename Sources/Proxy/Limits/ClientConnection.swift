import NIOCore
import NIOSSL

/// A client's connection as its event loop sees it, whatever protocol it speaks.
protocol ClientConnection: AnyObject {
    /// What the connection as a whole waits for; nil while the client may take any time.
    var wait: ClientWait? { get }
    /// Looks at what no event tells, such as whether the client reads; true where parts of the
    /// connection have deadlines of their own.
    func sweep() -> Bool
    /// Ends at once: the client was waited for too long, or its descriptor is needed.
    func expire()
    /// Finishes the exchanges under way and takes no new ones.
    ///
    /// An idle connection may have a request on its way that nobody has seen yet. Without
    /// `closesIdle` it is still answered, and the connection ends after it.
    func shutDownGracefully(closesIdle: Bool)
    func closeNow()
}

/// For how long a client may be waited for, and since when it is.
struct ClientWait {
    let since: Moment
    let limit: TimeAmount
}

extension ChannelHandlerContext {
    /// Bytes that were flushed and that the peer hasn't made room for.
    var unsentBytes: Int {
        (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    /// Closes the socket now, without TLS's farewell, which a silent peer would hold up.
    func closeSocket() {
        let tls = try? pipeline.syncOperations.context(handlerType: NIOSSLServerHandler.self)
        (tls ?? self).close(mode: .all, promise: nil)
    }
}
