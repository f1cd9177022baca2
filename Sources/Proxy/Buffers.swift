import NIOCore

/// The sizes of what is read and written at once.
enum Buffers {
    /// Reads begin small, so that an idle connection costs little, and grow for large bodies.
    static var receive: AdaptiveRecvByteBufferAllocator {
        AdaptiveRecvByteBufferAllocator(minimum: 2048, initial: 4096, maximum: 128 * 1024)
    }

    /// A peer that has this much unsent isn't written to until most of it is gone; with one read
    /// more it is what a client costs that doesn't read.
    static let waterMark = ChannelOptions.Types.WriteBufferWaterMark(
        low: 32 * 1024,
        high: 128 * 1024,
    )

    /// Bodies up to this size are copied after their head, so that both go out in one piece.
    static let coalescing = 4 * 1024
}

extension ByteBuffer {
    /// Adds bytes to those that wait, without keeping the memory of those that were taken: a buffer
    /// that is never quite empty would grow with all that passes through it.
    mutating func append(_ bytes: ByteBuffer) {
        guard readableBytes > 0 else {
            self = bytes
            return
        }
        discardReadBytes()
        writeImmutableBuffer(bytes)
    }
}
