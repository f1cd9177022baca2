import NIOCore
import Synchronization

/// Chunks of an answer that goes on: events or log lines, for one client.
///
/// A client that doesn't read is cut off rather than buffered.
final class EventStream: Sendable {
    /// What may wait for a client, beside what the system's buffers hold.
    private static let pendingLimit = 256 * 1024

    enum Ending: Sendable {
        /// All that was queued still goes out.
        case finished
        /// The client is gone, or doesn't read.
        case cut
    }

    private struct State {
        var pending = 0
        var isEnded = false
        var onEnd: [@Sendable (Ending) -> Void] = []
    }

    let chunks: AsyncStream<ByteBuffer>
    private let continuation: AsyncStream<ByteBuffer>.Continuation
    private let state = Mutex(State())

    init() {
        (chunks, continuation) = AsyncStream.makeStream()
    }

    /// Queues a chunk; false once the stream has ended.
    @discardableResult
    func send(_ chunk: ByteBuffer) -> Bool {
        let (fits, isEnded) = state.withLock { state in
            guard !state.isEnded else { return (false, true) }
            state.pending += chunk.readableBytes
            return (state.pending <= Self.pendingLimit, false)
        }
        guard !isEnded else { return false }
        guard fits else {
            end(.cut)
            return false
        }
        continuation.yield(chunk)
        return true
    }

    func sent(_ count: Int) {
        state.withLock { $0.pending -= count }
    }

    /// Sends what comes from elsewhere, each element as one chunk, until either side ends.
    func feed<Element: Sendable>(
        _ elements: AsyncStream<Element>,
        as chunk: @escaping @Sendable (Element) -> ByteBuffer,
    ) {
        // Owned by the stream: it ends with it.
        let task = Task { [self] in
            for await element in elements where !send(chunk(element)) { break }
            end(.finished)
        }
        whenEnded { _ in task.cancel() }
    }

    /// Takes nothing more; only the first call counts.
    func end(_ ending: Ending) {
        let actions = state.withLock { state in
            guard !state.isEnded else { return [@Sendable (Ending) -> Void]() }
            state.isEnded = true
            defer { state.onEnd.removeAll() }
            return state.onEnd
        }
        continuation.finish()
        for action in actions { action(ending) }
    }

    /// Calls back when the stream ends, at once if it has.
    func whenEnded(_ action: @escaping @Sendable (Ending) -> Void) {
        let isEnded = state.withLock { state in
            if !state.isEnded { state.onEnd.append(action) }
            return state.isEnded
        }
        if isEnded { action(.finished) }
    }
}
