import NIOCore
import PortlessCore

/// The client's side of an exchange: sends the request upstream and relays the answer.
///
/// All calls come on the event loop that both sides share.
protocol ResponseReceiver: AnyObject {
    /// Whether it passes bytes through unread from the beginning, as for a TCP name.
    var isTunnel: Bool { get }
    /// Whether the client takes more bytes now; while it doesn't, the upstream isn't read.
    var isWritable: Bool { get }
    /// Whether it gets a chunked body with its chunk headers (HTTP/1.1), or only the data.
    var takesRawChunks: Bool { get }
    /// Whether the request asked to switch protocols, so that a 101 is an answer to it.
    var asksForUpgrade: Bool { get }

    /// The connection that `Upstream.acquire` had to open is ready.
    func upstreamConnected(_ connection: UpstreamConnection)
    /// Opening a connection failed.
    func upstreamUnreachable(_ reason: UpstreamFailure)

    /// An interim or final head stands at the front of `bytes`, parsed into `head`.
    func receiveHead(_ head: ResponseHead, _ bytes: ByteBuffer)
    func receiveBody(_ bytes: ByteBuffer)
    /// The response is whole. `trailers` are field lines; with raw chunks they already passed.
    func receiveEnd(trailers: ByteBuffer?)
    /// After a 101: bytes of the protocol that both ends agreed on.
    func receiveTunnelled(_ bytes: ByteBuffer)
    /// After a 101: the upstream sends no more.
    func receiveTunnelEnd()
    /// The exchange can't be completed; the connection is gone.
    func upstreamFailed(_ reason: UpstreamFailure)

    /// All bytes of one read were passed on: time to flush.
    func upstreamReadComplete()
    /// The upstream takes more bytes again.
    func upstreamBecameWritable()
}

extension ResponseReceiver {
    var isTunnel: Bool { false }
}

/// Why an upstream gave no (complete) answer.
enum UpstreamFailure: Error, Equatable {
    /// Nothing listens on the port, on either loopback address.
    case refused
    /// Nothing listens yet, and the app was started only just now.
    case booting
    /// The app starts on request, and nothing has asked for that yet.
    case asleep
    /// The app starts on request, and that failed or isn't possible.
    case notStarted(StartRefusal)
    /// Connecting failed in another way, with the system's message.
    case unreachable(String)
    /// The listener is another app's process; its name or description.
    case wrongListener(String)
    /// The name is one for TCP, and the request is one of HTTP.
    case notHTTP
    /// The TLS handshake failed, in words; mostly because of the certificate.
    case untrusted(String, UpstreamTLS)
    /// A pooled connection turned out to be closed before any byte of an answer came.
    case stale
    /// The upstream closed before it answered.
    case closedBeforeAnswer
    /// The answer broke off after its head.
    case truncated
    /// The answer isn't valid HTTP, or not allowed here.
    case malformed(String)
}
