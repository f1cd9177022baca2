import HostSystem
import HummingbirdCore
import NIOCore

/// An answer that is written piece by piece, as fast as its client reads.
struct Pieces: Sendable {
    /// How much of an answer is made before the client has taken what was made before.
    static let size = 32 << 10

    /// Where the pieces are made.
    let work: BlockingWork
    /// Calls `emit` with one piece after the other.
    let write: @concurrent @Sendable (_ emit: Emit) async throws -> Void

    typealias Emit = @concurrent (ByteBuffer) async throws -> Void
}

/// Writes to a client that may not read.
enum Delivery {
    /// So long a client may take to read anything of what is written to it.
    static let patience = TimeAmount.seconds(30)

    /// Returns once there is room for more; a client that makes none loses its connection.
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

/// Collects text until it makes a piece.
struct PieceBuffer {
    private var buffer = ByteBuffer()

    mutating func append(_ text: some StringProtocol) {
        buffer.writeSubstring(Substring(text))
    }

    /// Emits what is there, if that is enough to be worth it.
    @concurrent mutating func flush(_ emit: Pieces.Emit, isLast: Bool = false) async throws {
        guard buffer.readableBytes >= (isLast ? 1 : Pieces.size) else { return }
        let piece = buffer
        buffer = ByteBuffer()
        try await emit(piece)
    }
}
