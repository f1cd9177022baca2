import NIOCore
import NIOHPACK

/// The body of a stream's request, on its way to an upstream that speaks HTTP/1.1.
struct HTTP2Upload {
    /// Whether the upstream gets it in chunks.
    var isChunked = false
    /// Whether the client has closed its side of the stream.
    private(set) var hasEnded = false
    private var trailers: HPACKHeaders?
    /// What came before there was a connection to send it on, or before the tunnel opened.
    private var early = ByteBuffer()
    /// Bytes that the client isn't told of yet as consumed.
    private var uncreditedBytes = 0

    /// A DATA frame came, which takes so much of the stream's window.
    mutating func received(flowControlled size: Int, endsStream: Bool) {
        uncreditedBytes += size
        if endsStream { hasEnded = true }
    }

    mutating func end(trailers: HPACKHeaders? = nil) {
        hasEnded = true
        self.trailers = trailers
    }

    mutating func hold(_ bytes: ByteBuffer) {
        early.writeImmutableBuffer(bytes)
    }

    mutating func takeEarly() -> ByteBuffer {
        defer { early = ByteBuffer() }
        return early
    }

    /// What waits for the upstream where that takes no more.
    var heldBytes: Int { max(early.readableBytes, hasEnded ? 0 : uncreditedBytes) }

    mutating func drop() {
        early = ByteBuffer()
        uncreditedBytes = 0
    }

    func framed(_ bytes: ByteBuffer) -> ByteBuffer {
        guard isChunked else { return bytes }
        var framed = ByteBuffer()
        framed.writeString(String(bytes.readableBytes, radix: 16))
        framed.writeStaticString("\r\n")
        framed.writeImmutableBuffer(bytes)
        framed.writeStaticString("\r\n")
        return framed
    }

    /// What says in HTTP/1.1 that the body is whole; nil where its length says it.
    var lastChunk: ByteBuffer? {
        guard isChunked else { return nil }
        var end = ByteBuffer()
        end.writeStaticString("0\r\n")
        for (name, value, _) in trailers ?? [:] { end.writeField(name, value) }
        end.writeStaticString("\r\n")
        return end
    }

    /// By how much the client's window is to be widened, once that is worth a frame.
    mutating func takeCredit() -> Int? {
        guard uncreditedBytes >= HTTP2Limits.streamWindow / 4, !hasEnded else { return nil }
        defer { uncreditedBytes = 0 }
        return uncreditedBytes
    }
}
