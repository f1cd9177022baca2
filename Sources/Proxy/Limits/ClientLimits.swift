import HostSystem
package import NIOCore

/// What a client may take of time, memory and descriptors, each with its reason.
///
/// WebSockets, event streams and other tunnels have no deadline, and neither has an app that thinks
/// about its answer: it may be held at a breakpoint, and a client that has enough of it can leave.
package struct ClientLimits: Sendable {
    // MARK: Deadlines

    /// From accepting to the first byte and the end of the TLS handshake, together.
    ///
    /// Browsers open spare connections and send nothing, but open others as soon as these close.
    package var opening = TimeAmount.seconds(15)
    /// A whole head, from its first byte, however it trickles: a client writes one at once.
    package var head = TimeAmount.seconds(30)
    /// A kept-alive connection without a request; longer than the pauses between two clicks.
    package var idle = TimeAmount.seconds(75)
    /// A body of which neither side moves a byte: debuggers pause, and uploads are slow.
    package var body = TimeAmount.minutes(10)
    /// An answer of which the client reads nothing: it holds memory here, and may be paused too.
    package var unread = TimeAmount.minutes(10)
    /// What a client gets to read an answer that ends its connection, before its own unread bytes
    /// make the close a reset.
    package var farewell = TimeAmount.seconds(2)
    /// How often the connections are looked at, while any of them has a deadline.
    ///
    /// A deadline is late by this much at most. One timer for all costs a request nothing.
    package var sweep = TimeAmount.seconds(5)

    // MARK: Memory

    /// What is read ahead of the request that is being answered: no more than one head may take.
    static let input = HeadScanner.maximumSize
    /// Answers that are written but not flushed; beyond this it is found out whether the client
    /// takes them, before the next request begins.
    static let unflushed = 64 * 1024

    /// What all clients that don't read may keep of answers here, together; beyond this those that
    /// have read nothing for longest are closed.
    package var unreadBytes = 16 * 1024 * 1024
    /// A client that keeps less isn't worth closing.
    static let unreadFloor = 16 * 1024

    // MARK: Descriptors

    /// Whether a connection can be had without using up the reserve; below it the connection that
    /// has waited longest is closed.
    package var hasDescriptors: @Sendable () -> Bool = { OpenFileLimit.hasRoom }

    package init() {}
}
