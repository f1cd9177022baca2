import NIOCore

/// The client's side of an exchange: sends the request upstream and relays the answer.
///
/// All calls come on the event loop that both sides share.
protocol ResponseReceiver: AnyObject {
    /// Whether the client takes more bytes now; while it doesn't, the upstream isn't read.
    var isWritable: Bool { get }
    /// Whether a chunked body is passed on with its chunk headers (HTTP/1.1), or only its data.
    var takesRawChunks: Bool { get }
    /// Whether the request asked to switch protocols, so that a 101 is an answer to it.
    var asksForUpgrade: Bool { get }

    /// A connection that `Upstream.acquire` had to open is there.
    func upstreamConnected(_ connection: UpstreamConnection)
    /// No connection could be had.
    func upstreamUnreachable(_ reason: UpstreamFailure)

    /// An interim or final head stands at the front of `bytes`, parsed into `head`.
    func receiveHead(_ head: ResponseHead, _ bytes: ByteBuffer)
    func receiveBody(_ bytes: ByteBuffer)
    /// The response is whole. `trailers` are field lines; with raw chunks they already passed.
    func receiveEnd(trailers: ByteBuffer?)
    /// After a 101: bytes of whatever protocol both ends agreed on.
    func receiveTunnelled(_ bytes: ByteBuffer)
    /// After a 101: the upstream sends no more.
    func receiveTunnelEnd()
    /// The exchange can't be completed; the connection is gone.
    func upstreamFailed(_ reason: UpstreamFailure)

    /// All that one read brought was passed on: time to flush.
    func upstreamReadComplete()
    /// The upstream takes more bytes again.
    func upstreamBecameWritable()
}

/// Why an upstream gave no (whole) answer.
enum UpstreamFailure: Error, Equatable {
    /// Nothing listens on the port, on either loopback address.
    case refused
    /// Nothing listens yet, and the app was started only just now.
    case booting
    /// Connecting failed in another way: the system's words.
    case unreachable(String)
    /// The listener is another app's process; its name or description.
    case wrongListener(String)
    /// A pooled connection turned out to be closed before any byte of an answer came.
    case stale
    /// The upstream closed before it answered.
    case closedBeforeAnswer
    /// The answer broke off after its head.
    case truncated
    /// What came isn't HTTP as the proxy lets it through.
    case malformed(String)
}
