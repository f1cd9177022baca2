import NIOCore
import PortlessCore

/// A body as it passes: its size, and its beginning where the host is inspected.
struct BodyRecording {
    private(set) var size: Int64 = 0
    private(set) var start: [UInt8] = []
    private let limit: Int
    /// Takes the data out of HTTP/1.1's chunks, which pass with their headers.
    private var chunks: ChunkedDecoder?

    /// `limit` is the number of bytes to keep.
    init(keeping limit: Int, isChunked: Bool) {
        self.limit = limit
        chunks = isChunked ? ChunkedDecoder() : nil
    }

    var isCut: Bool { size > Int64(start.count) }

    /// Takes the next bytes; returns by how much more is kept.
    mutating func append(_ bytes: ByteBuffer) -> Int {
        guard chunks != nil else { return keep(bytes.readableBytesView) }
        let span = bytes.readableBytesUInt8Span
        var position = 0
        var kept = 0
        while let event = try? chunks?.next(span, &position), case .data(let range) = event {
            guard let data = bytes.slice(range) else { break }
            kept += keep(data.readableBytesView)
        }
        return kept
    }

    private mutating func keep(_ bytes: ByteBufferView) -> Int {
        size += Int64(bytes.count)
        let room = min(limit - start.count, bytes.count)
        guard room > 0 else { return 0 }
        start += bytes.prefix(room)
        return room
    }

    /// Frees what was kept.
    mutating func drop() {
        start = []
    }
}
