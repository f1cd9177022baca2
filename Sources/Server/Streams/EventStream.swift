import HostSystem
import NIOCore
import PortlessCore
import Synchronization

/// The chunks of an endless answer to one client: events or log lines.
///
/// A client that doesn't read is cut off rather than buffered.
final class EventStream: Sendable {
    /// The most bytes that may wait for a client, beside the system's buffers; a longer chunk only
    /// alone.
    private static let pendingLimit = 256 * 1024

    enum Ending: Sendable {
        /// The queued chunks still go out.
        case finished
        /// The client is gone, or doesn't read.
        case cut
    }

    private struct State {
        var pending = 0
        /// Waits until there is room.
        var sender: CheckedContinuation<Void, Never>?
        var isEnded = false
        var onEnd: [@Sendable (Ending) -> Void] = []

        func fits(_ chunk: ByteBuffer) -> Bool {
            pending == 0 || pending + chunk.readableBytes <= EventStream.pendingLimit
        }

        mutating func takeSender() -> CheckedContinuation<Void, Never>? {
            defer { sender = nil }
            return sender
        }
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
        queue(chunk) { $0.fits(chunk) }
    }

    /// Queues a chunk as soon as there is room for it; false once the stream has ended.
    ///
    /// Only for one sender at a time.
    func deliver(_ chunk: ByteBuffer) async -> Bool {
        await withCheckedContinuation { continuation in
            let hasRoom = state.withLock { state in
                if state.isEnded || state.fits(chunk) { return true }
                state.sender = continuation
                return false
            }
            if hasRoom { continuation.resume() }
        }
        return queue(chunk) { _ in true }
    }

    /// Sends a chunk that keeps the connection alive, unless others are waiting anyway.
    func beat(_ chunk: ByteBuffer) {
        if state.withLock({ $0.pending == 0 }) { send(chunk) }
    }

    private func queue(_ chunk: ByteBuffer, if hasRoom: (State) -> Bool) -> Bool {
        let (fits, isEnded) = state.withLock { state in
            guard !state.isEnded else { return (false, true) }
            guard hasRoom(state) else { return (false, false) }
            state.pending += chunk.readableBytes
            return (true, false)
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
        let sender = state.withLock { state in
            state.pending -= count
            return state.pending <= Self.pendingLimit / 2 ? state.takeSender() : nil
        }
        sender?.resume()
    }

    /// Sends each element of a sequence as one chunk, until either side ends.
    ///
    /// It takes the next element only when there is room for it, and makes the elements on `work`.
    func feed<Elements: AsyncSequence & Sendable>(
        _ elements: Elements,
        on work: BlockingWork,
        as chunk: @escaping @Sendable (Elements.Element) -> ByteBuffer,
    ) where Elements.Failure == Never {
        // The stream owns the task, which ends with it.
        let task = Task(executorPreference: work) { [self] in
            for await element in elements {
                guard await deliver(chunk(element)) else { break }
            }
            end(.finished)
        }
        whenEnded { _ in task.cancel() }
    }

    /// Ends the stream; only the first call counts.
    func end(_ ending: Ending) {
        let actions = state.withLock { state in
            guard !state.isEnded else { return [@Sendable (Ending) -> Void]() }
            state.isEnded = true
            defer { state.onEnd.removeAll() }
            return state.onEnd
        }
        state.withLock { $0.takeSender() }?.resume()
        continuation.finish()
        for action in actions { action(ending) }
    }

    /// Calls back when the stream ends, or at once if it has ended.
    func whenEnded(_ action: @escaping @Sendable (Ending) -> Void) {
        let isEnded = state.withLock { state in
            if !state.isEnded { state.onEnd.append(action) }
            return state.isEnded
        }
        if isEnded { action(.finished) }
    }
}

/// One event of a `text/event-stream`.
struct ServerSentEvent: Hashable, Sendable {
    var name: String
    var data: JSONValue
    /// The client sends it back as `Last-Event-ID` when it reconnects.
    var id: String?

    init(_ name: String, _ data: JSONValue, id: String? = nil) {
        self.name = name
        self.data = data
        self.id = id
    }

    /// The schema of one event: OpenAPI can't describe the stream itself before its version 3.2.
    static let schema = Schema.named(
        "ServerSentEvent",
        .described(
            "One event of the stream; its data is JSON.",
            .object([
                .required("event", .text), .required("data", .text), .optional("id", .text),
            ]),
        ),
    )

    /// The data is one line, because compact JSON has no line breaks.
    var bytes: ByteBuffer {
        let id = id.map { "id: \($0)\n" } ?? ""
        return ByteBuffer(string: "\(id)event: \(name)\ndata: \(data.compact)\n\n")
    }
}
