import NIOCore

/// The sizes of what is read and written at once.
enum Buffers {
    /// Reads begin small, so that an idle connection costs little, and grow for large bodies.
    static var receive: AdaptiveRecvByteBufferAllocator {
        AdaptiveRecvByteBufferAllocator(minimum: 2048, initial: 4096, maximum: 256 * 1024)
    }

    /// A peer that has this much unsent isn't written to until most of it is gone; it bounds what
    /// a slow reader costs.
    static let waterMark = ChannelOptions.Types.WriteBufferWaterMark(
        low: 64 * 1024,
        high: 512 * 1024,
    )

    /// Bodies up to this size are copied behind their head, so that both go out in one piece.
    static let coalescing = 4 * 1024
}
