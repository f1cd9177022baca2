import NIOCore
import NIOHPACK
import NIOHTTP2

/// The limits of one HTTP/2 connection.
///
/// NIOHTTP2's defaults (200 resets or glitches in 30 seconds, five CONTINUATION frames, 16 KiB of
/// headers) end the sessions of honest browsers: a hot reload alone can cancel a thousand requests.
/// These limits are far above a browser's needs, and each still bounds memory.
enum HTTP2Limits {
    /// Concurrent streams; together with the window this bounds the memory of uploads.
    static let concurrentStreams = 256
    static let streamWindow = 256 * 1024
    static let connectionWindow = 1024 * 1024
    /// The bytes of an answer that one stream may keep before reading from the upstream stops.
    static let heldStreamBytes = 128 * 1024
    /// The bytes that all streams of a session may keep: of answers, before reading stops for all
    /// streams that keep any, and of uploads, before the session's window closes.
    static let heldBytes = 1024 * 1024
    /// The memory of a stream that waits for its client, beside the answer's bytes: its own, and
    /// that of its connection to the app (12.8 KiB were measured).
    static let waitingStreamBytes = 12 * 1024
    /// The decoded header bytes that are read at all; from `HeadScanner.maximumSize` on the answer
    /// is 431, beyond this the session ends: HPACK's state would be lost with the rest.
    static let headerList = 16 * HeadScanner.maximumSize
    /// The bytes that an answer's header frame counts for among those that wait for a flush.
    static let headersEstimate = 256
    /// The size of one HEADERS frame; NIOHTTP2 sends no CONTINUATION frames.
    static let sentHeaderBlock = 16 * 1024

    /// The handlers of a client's session, from the network on.
    static func handlers(
        for connection: HTTP2Connection
    ) -> [any ChannelHandler] {
        var configuration = patience
        configuration.initialSettings = [
            // As many as possible: the streams beyond the announced limit are refused one by one.
            HTTP2Setting(parameter: .maxConcurrentStreams, value: Int(Int32.max)),
            HTTP2Setting(parameter: .initialWindowSize, value: streamWindow),
            HTTP2Setting(parameter: .maxHeaderListSize, value: headerList),
            HTTP2Setting(parameter: .enableConnectProtocol, value: 1),
        ]
        return [
            EarlySettings(.server(announcedStreams: concurrentStreams)),
            NIOHTTP2Handler(
                mode: .server,
                frameDelegate: connection,
                connectionConfiguration: configuration,
                streamConfiguration: streamPatience,
            ),
            connection,
        ]
    }

    /// The handlers of a session with an app, before those that open streams on it.
    static func upstreamHandlers(
        watching delegate: any NIOHTTP2FrameDelegate
    ) -> [any ChannelHandler] {
        var configuration = patience
        configuration.initialSettings = [
            HTTP2Setting(parameter: .enablePush, value: 0),
            HTTP2Setting(parameter: .maxHeaderListSize, value: headerList),
        ]
        return [
            EarlySettings(.client),
            NIOHTTP2Handler(
                mode: .client,
                frameDelegate: delegate,
                connectionConfiguration: configuration,
                streamConfiguration: streamPatience,
            ),
        ]
    }

    private static var patience: NIOHTTP2Handler.ConnectionConfiguration {
        var connection = NIOHTTP2Handler.ConnectionConfiguration()
        connection.maximumSequentialEmptyDataFrames = 16
        connection.maximumSequentialContinuationFrames = 64
        connection.maximumRecentlyResetStreams = 1024
        connection.maximumConnectionGlitches = 10_000
        connection.controlFrameRateLimit.maximumCount = 10_000
        connection.controlFrameRateLimit.windowLength = .seconds(10)
        return connection
    }

    private static var streamPatience: NIOHTTP2Handler.StreamConfiguration {
        var stream = NIOHTTP2Handler.StreamConfiguration()
        stream.streamResetFrameRateLimit.maximumCount = 50_000
        stream.streamResetFrameRateLimit.windowLength = .seconds(10)
        stream.streamErrorRateLimit.maximumCount = 10_000
        stream.streamErrorRateLimit.windowLength = .seconds(10)
        return stream
    }
}

extension HPACKHeaders {
    /// Whether the fields certainly fit into one HEADERS frame.
    ///
    /// NIOHTTP2 sends no CONTINUATION frames. Fields that don't fit fail only after their encoding,
    /// which leaves the two ends of the session with different compression tables, so it can't go
    /// on.
    var fitOneFrame: Bool {
        var length = 0
        for (name, value, _) in self { length += name.utf8.count + value.utf8.count }
        let overhead = count * Self.overheadOfField
        // Huffman's longest code has 30 bits.
        if length * 4 + overhead <= HTTP2Limits.sentHeaderBlock { return true }
        guard length + overhead <= HTTP2Limits.sentHeaderBlock else { return false }
        var bound = overhead
        for (name, value, _) in self { bound += name.huffmanBound + value.huffmanBound }
        return bound <= HTTP2Limits.sentHeaderBlock
    }

    /// The first byte and the two lengths.
    private static let overheadOfField = 7
}

extension String {
    /// At most as many bytes as the string takes in Huffman's code (RFC 7541 appendix B).
    fileprivate var huffmanBound: Int {
        utf8.reduce(0) { sum, byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: sum + 1
            case .space, .comma, .slash, .colon, .semicolon: sum + 1
            // % & * - . = _
            case 0x25, 0x26, 0x2A, 0x2D, 0x2E, 0x3D, 0x5F: sum + 1
            default: sum + 4
            }
        }
    }
}
