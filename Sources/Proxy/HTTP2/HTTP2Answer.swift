import NIOCore
import NIOHPACK

/// The unsent rest of a stream's answer, metered out by the client's window.
struct HTTP2Answer {
    enum Part {
        case headers(HPACKHeaders, isLast: Bool)
        case data(ByteBuffer, isLast: Bool)
    }

    private enum Head {
        case none
        /// Held back until it is known whether a body follows.
        case held(HPACKHeaders)
        case sent
    }

    private enum End {
        case open
        case whole(trailers: HPACKHeaders?)
        case sent
    }

    /// The number of bytes that the client accepts on this stream.
    var window: Int
    private var head = Head.none
    private var data = ByteBuffer()
    private var end = End.open

    init(window: Int) {
        self.window = window
    }

    var pendingBytes: Int { data.readableBytes }
    /// Whether our side of the stream is closed.
    var isSent: Bool {
        if case .sent = end { true } else { false }
    }

    mutating func begin(_ headers: HPACKHeaders) {
        head = .held(headers)
    }

    mutating func append(_ bytes: ByteBuffer) {
        data.append(bytes)
    }

    mutating func finish(trailers: HPACKHeaders?) {
        if case .open = end { end = .whole(trailers: trailers) }
    }

    /// Drops the unsent rest: the stream is gone.
    mutating func drop() {
        data = ByteBuffer()
        head = .none
        end = .sent
    }

    /// Takes the next part, with no more data than the connection's window has room for.
    mutating func next(allowance: Int) -> Part? {
        switch head {
        case .none: return nil
        case .held(let headers):
            head = .sent
            guard case .whole(nil) = end, data.readableBytes == 0 else {
                return .headers(headers, isLast: false)
            }
            end = .sent
            return .headers(headers, isLast: true)
        case .sent: break
        }
        guard data.readableBytes == 0 else { return nextData(min(allowance, window)) }
        guard case .whole(let trailers) = end else { return nil }
        end = .sent
        return trailers.map { .headers($0, isLast: true) } ?? .data(ByteBuffer(), isLast: true)
    }

    private mutating func nextData(_ room: Int) -> Part? {
        let length = min(data.readableBytes, room)
        guard length > 0, let part = data.readSlice(length: length) else { return nil }
        window -= length
        guard data.readableBytes == 0 else { return .data(part, isLast: false) }
        data = ByteBuffer()
        guard case .whole(nil) = end else { return .data(part, isLast: false) }
        end = .sent
        return .data(part, isLast: true)
    }
}
