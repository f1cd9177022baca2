import NIOCore
import NIOSSL

/// A client's connection as its event loop sees it, in any protocol.
protocol ClientConnection: AnyObject {
    /// The wait of the connection as a whole; nil while the client may take any time.
    var wait: ClientWait? { get }
    /// The bytes kept here because the client, or its app, doesn't read.
    var unreadBytes: Int { get }
    /// The time of the last movement.
    var lastMovement: Moment { get }
    /// Checks conditions without an event of their own, such as whether the client reads; true
    /// where parts of the connection have their own deadlines.
    func sweep() -> Bool
    /// Closes at once: the client took too long, or its descriptor is needed.
    func expire()
    /// Finishes the exchanges under way and takes no new ones.
    ///
    /// A request may be on its way on an idle connection. Without `closesIdle` it is still
    /// answered, and then the connection ends.
    func shutDownGracefully(closesIdle: Bool)
    func closeNow()
}

/// When a wait for a client began, and how long it may last.
struct ClientWait {
    let since: Moment
    let limit: TimeAmount
}

/// When the wait for a client began, and how much the client leaves unread.
struct ClientWatch {
    private(set) var since: Moment
    /// The flushed bytes that the client had no room for at the last check.
    private(set) var unreadBytes = 0

    init(_ clients: ClientConnections) {
        since = clients.beginWait()
    }

    /// Bytes have moved: the wait for the client, or the app, begins again.
    mutating func restart(_ clients: ClientConnections) {
        since = clients.beginWait()
    }

    /// Updates the unread bytes; a client that reads, or has just stopped, gets new time.
    mutating func look(_ context: ChannelHandlerContext?, _ clients: ClientConnections) {
        let unread = context?.unsentBytes ?? 0
        if unread < unreadBytes || unread > 0 && unreadBytes == 0 { restart(clients) }
        clients.hold(unread - unreadBytes)
        unreadBytes = unread
    }

    func wait(_ limit: TimeAmount) -> ClientWait { ClientWait(since: since, limit: limit) }
}

extension ChannelHandlerContext {
    /// Flushed bytes that the peer hasn't made room for.
    var unsentBytes: Int {
        (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    /// Closes the socket now, without TLS's close_notify, which a silent peer would delay.
    func closeSocket() {
        let tls = try? pipeline.syncOperations.context(handlerType: NIOSSLServerHandler.self)
        (tls ?? self).close(mode: .all, promise: nil)
    }
}
