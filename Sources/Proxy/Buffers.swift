import NIOCore

/// The sizes of reads and writes.
enum Buffers {
    /// Reads begin small, so that an idle connection costs little, and grow for large bodies.
    static var receive: AdaptiveRecvByteBufferAllocator {
        AdaptiveRecvByteBufferAllocator(minimum: 2048, initial: 4096, maximum: 128 * 1024)
    }

    /// The proxy stops writing to a peer with this much unsent until most of it is gone; a client
    /// that doesn't read costs this much and one read more.
    static let waterMark = ChannelOptions.Types.WriteBufferWaterMark(
        low: 32 * 1024,
        high: 128 * 1024,
    )

    /// Bodies up to this size are copied after their head, so that both go out in one piece.
    static let coalescing = 4 * 1024
}

extension ByteBuffer {
    /// Appends bytes to those that wait, and frees the memory of those that were taken: a buffer
    /// that is never quite empty would otherwise grow with all bytes that pass through it.
    mutating func append(_ bytes: ByteBuffer) {
        guard readableBytes > 0 else {
            self = bytes
            return
        }
        discardReadBytes()
        writeImmutableBuffer(bytes)
    }
}
