import HostSystem
package import NIOCore

/// The time, memory and descriptors that a client may use, each with its reason.
///
/// WebSockets, event streams and other tunnels have no deadline, and neither has an app that
/// computes its answer: it may be held at a breakpoint, and the client can leave.
package struct ClientLimits: Sendable {
    // MARK: Deadlines

    /// From accepting to the first byte and the end of the TLS handshake, together.
    ///
    /// Browsers open spare connections without a request, and open others as soon as these close.
    package var opening = TimeAmount.seconds(15)
    /// A whole head, from its first byte, however slowly it comes: a client writes one at once.
    package var head = TimeAmount.seconds(30)
    /// A kept-alive connection without a request; longer than the pause between two clicks.
    package var idle = TimeAmount.seconds(75)
    /// A body of which neither side moves a byte: debuggers pause, and uploads are slow.
    package var body = TimeAmount.minutes(10)
    /// An answer that the client doesn't read: it holds memory here, but its reader may only pause.
    package var unread = TimeAmount.minutes(10)
    /// The time for a client to read an answer that ends its connection, before its own unread
    /// bytes make the close a reset.
    package var farewell = TimeAmount.seconds(2)
    /// How often the connections are checked, while any of them has a deadline.
    ///
    /// A deadline is late by this much at most. One timer for all costs a request nothing.
    package var sweep = TimeAmount.seconds(5)

    // MARK: Memory

    /// The bytes read ahead of the request under way: no more than one head may have.
    static let input = HeadScanner.maximumSize
    /// Answers that are written but not flushed; beyond this the proxy checks whether the client
    /// takes them, before the next request begins.
    static let unflushed = 64 * 1024

    /// The bytes of answers that may be kept for all clients that don't read; beyond this those
    /// that haven't read for longest are closed.
    package var unreadBytes = 16 * 1024 * 1024
    /// A client with fewer bytes isn't worth closing.
    static let unreadFloor = 16 * 1024

    // MARK: Descriptors

    /// Whether a connection fits without using the reserve; otherwise the one that has waited
    /// longest is closed.
    package var hasDescriptors: @Sendable () -> Bool = { OpenFileLimit.hasRoom }

    package init() {}
}
