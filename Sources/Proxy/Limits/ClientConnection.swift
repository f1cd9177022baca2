import NIOCore
import NIOSSL

/// A client's connection as its event loop sees it, whatever protocol it speaks.
protocol ClientConnection: AnyObject {
    /// What the connection as a whole waits for; nil while the client may take any time.
    var wait: ClientWait? { get }
    /// What is kept here because the client doesn't read, or its app doesn't.
    var unreadBytes: Int { get }
    /// When something moved last.
    var lastMovement: Moment { get }
    /// Looks at what no event tells, such as whether the client reads; true where parts of the
    /// connection have deadlines of their own.
    func sweep() -> Bool
    /// Ends at once: the client was waited for too long, or its descriptor is needed.
    func expire()
    /// Finishes the exchanges under way and takes no new ones.
    ///
    /// An idle connection may have a request on its way. Without `closesIdle` it is still answered,
    /// and the connection ends after it.
    func shutDownGracefully(closesIdle: Bool)
    func closeNow()
}

/// For how long a client may be waited for, and since when it is.
struct ClientWait {
    let since: Moment
    let limit: TimeAmount
}

/// Since when a client is waited for, and how much it leaves unread.
struct ClientWatch {
    private(set) var since: Moment
    /// What was flushed and the client had no room for when it was last looked at.
    private(set) var unreadBytes = 0

    init(_ clients: ClientConnections) {
        since = clients.beginWait()
    }

    /// Something has moved: from now on the client, or the app, is waited for again.
    mutating func restart(_ clients: ClientConnections) {
        since = clients.beginWait()
    }

    /// Sees how much is unread now; a client that reads, or has just stopped, gets new time.
    mutating func look(_ context: ChannelHandlerContext?, _ clients: ClientConnections) {
        let unread = context?.unsentBytes ?? 0
        if unread < unreadBytes || unread > 0 && unreadBytes == 0 { restart(clients) }
        clients.hold(unread - unreadBytes)
        unreadBytes = unread
    }

    func wait(_ limit: TimeAmount) -> ClientWait { ClientWait(since: since, limit: limit) }
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
