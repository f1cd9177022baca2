import NIOCore
import NIOHPACK

/// The body of a stream's request, on its way to an upstream that speaks HTTP/1.1.
struct HTTP2Upload {
    /// Whether the upstream gets it in chunks.
    var isChunked = false
    /// Whether the client has closed its side of the stream.
    private(set) var hasEnded = false
    private var trailers: HPACKHeaders?
    /// Bytes that came before there was a connection for them, or before the tunnel opened.
    private(set) var early = ByteBuffer()
    /// Consumed bytes that the client's window wasn't credited for yet.
    private var uncreditedBytes = 0

    /// Takes a DATA frame, which uses this much of the stream's window.
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

    /// The bytes that wait while the upstream takes no more.
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

    /// The bytes that end the body in HTTP/1.1; nil where its length is declared.
    var lastChunk: ByteBuffer? {
        guard isChunked else { return nil }
        var end = ByteBuffer()
        end.writeStaticString("0\r\n")
        for (name, value, _) in trailers ?? [:] { end.writeField(name, value) }
        end.writeStaticString("\r\n")
        return end
    }

    /// The credit for the client's window, once it is worth a frame.
    mutating func takeCredit() -> Int? {
        guard uncreditedBytes >= HTTP2Limits.streamWindow / 4, !hasEnded else { return nil }
        defer { uncreditedBytes = 0 }
        return uncreditedBytes
    }
}
