import NIOCore

/// Makes NIOHTTP2 apply our settings from a connection's first frame on, and announces another
/// limit of streams than the one that NIOHTTP2 enforces.
///
/// NIOHTTP2 works with its defaults (100 streams, heads of 16 KiB) until the peer acknowledges our
/// settings, and ends the session of a client that exceeds them before, though RFC 9113 section
/// 6.5.3 lets no server rely on settings that early. It also ends the session for one stream too
/// many, where section 5.1.2 asks for that stream's refusal. So this handler, between the network
/// and NIOHTTP2, sends the acknowledgement itself, drops the peer's own, and then removes itself.
final class EarlySettings: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// The peer's first bytes aren't the SETTINGS frame that HTTP/2 begins with.
    struct NotHTTP2: Error {}

    enum Role {
        case server(announcedStreams: Int)
        case client
    }

    private static let prefaceLength = 24
    private static let headerLength = 9
    private static let settingsType: UInt8 = 4
    private static let acknowledgement: [UInt8] = [0, 0, 0, settingsType, 1, 0, 0, 0, 0]
    private static let maxConcurrentStreams: UInt16 = 3

    private let role: Role
    private var held = ByteBuffer()
    /// Bytes to pass on until the next frame's header.
    private var passing: Int
    private var hasSeenSettings = false
    private var hasAcknowledged = false
    private var hasAnnounced: Bool
    private var hasFailed = false
    private var isDone = false

    init(_ role: Role) {
        self.role = role
        switch role {
        case .server:
            passing = Self.prefaceLength
            hasAnnounced = false
        case .client:
            passing = 0
            hasAnnounced = true
        }
    }

    // MARK: Outbound

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !hasAnnounced, case .server(let streams) = role else {
            context.write(data, promise: promise)
            return
        }
        // A server's first write is its settings.
        hasAnnounced = true
        var settings = unwrapOutboundIn(data)
        let entries = stride(
            from: settings.readerIndex + Self.headerLength,
            to: settings.writerIndex,
            by: 6,
        )
        for entry in entries
        where settings.getInteger(at: entry, as: UInt16.self) == Self.maxConcurrentStreams {
            settings.setInteger(UInt32(clamping: streams), at: entry + 2)
        }
        context.write(wrapOutboundOut(settings), promise: promise)
    }

    // MARK: Inbound

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDone else { return context.fireChannelRead(data) }
        held.writeImmutableBuffer(unwrapInboundIn(data))
        var passed = ByteBuffer()
        while !isDone, takeNext(&passed) {}
        guard !hasFailed else {
            held.clear()
            context.fireErrorCaught(NotHTTP2())
            return
        }
        if isDone { passed.writeBuffer(&held) }
        // At most a part of a frame's header is left; bytes that were passed on must not pile up.
        held = ByteBuffer(bytes: held.readableBytesView)
        if passed.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(passed)) }
        if isDone { context.pipeline.syncOperations.removeHandler(context: context, promise: nil) }
    }

    /// Takes the next part out of `held`; false where more bytes are needed.
    private func takeNext(_ passed: inout ByteBuffer) -> Bool {
        guard passing == 0 else {
            guard var part = held.readSlice(length: min(passing, held.readableBytes)),
                part.readableBytes > 0
            else { return false }
            passing -= part.readableBytes
            passed.writeBuffer(&part)
            return true
        }
        if hasSeenSettings, !hasAcknowledged {
            hasAcknowledged = true
            passed.writeBytes(Self.acknowledgement)
        }
        if case .client = role, !hasSeenSettings, !mayBeginSettings {
            hasFailed = true
            return false
        }
        guard let header = held.getBytes(at: held.readerIndex, length: Self.headerLength) else {
            return false
        }
        if hasAcknowledged, header == Self.acknowledgement {
            held.moveReaderIndex(forwardBy: Self.headerLength)
            isDone = true
            return false
        }
        if !hasSeenSettings {
            guard header[3] == Self.settingsType, header[4] & 1 == 0 else {
                // NIOHTTP2 refuses bytes that don't begin with settings.
                isDone = true
                return false
            }
            hasSeenSettings = true
        }
        let length = header[0..<3].reduce(0) { $0 << 8 | Int($1) }
        passing = Self.headerLength + length
        return true
    }

    /// Whether the bytes can be the start of a SETTINGS frame of less than 64 KiB.
    ///
    /// The first byte is enough to recognise an answer in HTTP/1, which may be shorter than a
    /// frame's header.
    private var mayBeginSettings: Bool {
        let start = held.readableBytesView.prefix(4)
        return start.first ?? 0 == 0 && (start.count < 4 || start.last == Self.settingsType)
    }
}
