import NIOCore
import NIOHPACK

/// HTTP/2 frames as bytes, for what NIOHTTP2's own client would not send.
struct HTTP2Bytes {
    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    private(set) var bytes = ByteBuffer()
    private var encoder = HPACKEncoder(allocator: ByteBufferAllocator())

    enum Kind: UInt8 {
        case data = 0
        case headers
        case priority
        case rstStream
        case settings
        case pushPromise
        case ping
        case goAway
        case windowUpdate
        case continuation
    }

    enum Flag {
        static let endStream: UInt8 = 1
        static let acknowledgement: UInt8 = 1
        static let endHeaders: UInt8 = 4
        static let padded: UInt8 = 8
    }

    /// Takes what was written so far.
    mutating func take() -> ByteBuffer {
        defer { bytes = ByteBuffer() }
        return bytes
    }

    mutating func begin() {
        bytes.writeBytes(Self.preface)
        frame(.settings)
    }

    mutating func frame(
        _ kind: Kind,
        flags: UInt8 = 0,
        on stream: Int = 0,
        _ payload: some Sequence<UInt8> = [],
    ) {
        let payload = Array(payload)
        write(length: payload.count, kind.rawValue, flags: flags, on: stream)
        bytes.writeBytes(payload)
    }

    /// A frame's header alone.
    mutating func write(length: Int, _ kind: UInt8, flags: UInt8, on stream: Int) {
        bytes.writeInteger(UInt8(truncatingIfNeeded: length >> 16))
        bytes.writeInteger(UInt16(truncatingIfNeeded: length))
        bytes.writeInteger(kind)
        bytes.writeInteger(flags)
        bytes.writeInteger(UInt32(truncatingIfNeeded: stream))
    }

    mutating func write(_ garbage: some Sequence<UInt8>) {
        bytes.writeBytes(Array(garbage))
    }

    /// A head or trailers, in as many frames as it takes.
    mutating func headers(
        _ fields: [(String, String)],
        on stream: Int,
        endStream: Bool = true,
        frameSize: Int = 16_384,
    ) throws {
        var block = ByteBuffer()
        try encoder.encode(headers: HPACKHeaders(fields), to: &block)
        var kind = Kind.headers
        repeat {
            let part = block.readBytes(length: min(frameSize, block.readableBytes)) ?? []
            var flags: UInt8 = block.readableBytes == 0 ? Flag.endHeaders : 0
            if kind == .headers, endStream { flags |= Flag.endStream }
            frame(kind, flags: flags, on: stream, part)
            kind = .continuation
        } while block.readableBytes > 0
    }

    static func request(
        path: String = "/",
        method: String = "GET",
        authority: String = "app.localhost",
        _ fields: [(String, String)] = [],
    ) -> [(String, String)] {
        [
            (":method", method), (":scheme", "http"), (":authority", authority), (":path", path),
        ] + fields
    }
}

/// A frame as it came from the proxy.
struct HTTP2RawFrame {
    let kind: UInt8
    let flags: UInt8
    let stream: Int
    let payload: ByteBuffer

    /// Takes one off the front of `bytes`; nil where it isn't whole.
    init?(from bytes: inout ByteBuffer) {
        var rest = bytes
        guard let high = rest.readInteger(as: UInt8.self),
            let low = rest.readInteger(as: UInt16.self),
            let kind = rest.readInteger(as: UInt8.self),
            let flags = rest.readInteger(as: UInt8.self),
            let stream = rest.readInteger(as: UInt32.self),
            let payload = rest.readSlice(length: Int(high) << 16 | Int(low))
        else { return nil }
        self.kind = kind
        self.flags = flags
        self.stream = Int(stream)
        self.payload = payload
        bytes = rest
    }

    var resetCode: UInt32? {
        kind == HTTP2Bytes.Kind.rstStream.rawValue
            ? payload.getInteger(at: payload.readerIndex) : nil
    }
}

extension RawConnection {
    /// The next HTTP/2 frame.
    func readFrame() async throws -> HTTP2RawFrame {
        let header = try await read(count: 9)
        let length = header.readableBytesView.prefix(3).reduce(0) { $0 << 8 | Int($1) }
        var whole = header
        whole.writeImmutableBuffer(try await read(count: length))
        guard let frame = HTTP2RawFrame(from: &whole) else { throw Ended(received: "half a frame") }
        return frame
    }

    /// The next frame of one kind on a stream; others are skipped.
    func readFrame(_ kind: HTTP2Bytes.Kind, on stream: Int) async throws -> HTTP2RawFrame {
        while true {
            let frame = try await readFrame()
            if frame.kind == kind.rawValue, frame.stream == stream { return frame }
        }
    }
}
