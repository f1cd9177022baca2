import HostSystem
import HummingbirdCore
import NIOCore

/// An answer that is written piece by piece, as fast as its client reads.
struct Pieces: Sendable {
    /// The size of the pieces; the next one is made once the client has taken the last one.
    static let size = 32 << 10

    /// Makes the pieces.
    let work: BlockingWork
    /// Calls `emit` for each piece.
    let write: @concurrent @Sendable (_ emit: Emit) async throws -> Void

    typealias Emit = @concurrent (ByteBuffer) async throws -> Void
}

/// Writes to a client that may stop reading.
enum Delivery {
    /// How long a client may read nothing.
    static let patience = TimeAmount.seconds(30)

    /// Returns once there is room for more; a client that makes none in time loses its connection.
    @concurrent static func write(
        _ piece: ByteBuffer,
        to writer: inout any ResponseBodyWriter,
        of channel: any Channel,
        patience: TimeAmount = Self.patience,
    ) async throws {
        let deadline = channel.eventLoop.scheduleTask(in: patience) {
            channel.close(promise: nil)
        }
        defer { deadline.cancel() }
        try await writer.write(piece)
    }
}

/// Collects text into pieces.
struct PieceBuffer {
    private var buffer = ByteBuffer()

    mutating func append(_ text: some StringProtocol) {
        buffer.writeSubstring(Substring(text))
    }

    /// Emits the text, if it is long enough for a piece.
    @concurrent mutating func flush(_ emit: Pieces.Emit, isLast: Bool = false) async throws {
        guard buffer.readableBytes >= (isLast ? 1 : Pieces.size) else { return }
        let piece = buffer
        buffer = ByteBuffer()
        try await emit(piece)
    }
}
