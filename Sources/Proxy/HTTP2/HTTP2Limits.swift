import NIOCore
import NIOHTTP2

/// What a client may ask of one HTTP/2 connection.
///
/// NIOHTTP2's defaults (200 resets or glitches in 30 seconds, five CONTINUATION frames, 16 KiB of
/// headers) end the sessions of honest browsers: a hot reload alone can cancel a thousand requests.
/// These are far above what a browser does, and each still bounds memory.
enum HTTP2Limits {
    /// Streams at a time; together with the window it bounds what uploads may hold in memory.
    static let concurrentStreams = 256
    static let streamWindow = 256 * 1024
    static let connectionWindow = 8 * 1024 * 1024
    /// Decoded header bytes that are read at all; from `HeadScanner.maximumSize` on they are
    /// answered with 431, beyond this the session ends.
    static let headerList = 4 * HeadScanner.maximumSize
    /// What the header frame of an answer counts for among the bytes that wait to be flushed.
    static let headersEstimate = 256

    static func makeHandler(watching delegate: any NIOHTTP2FrameDelegate) -> NIOHTTP2Handler {
        var connection = NIOHTTP2Handler.ConnectionConfiguration()
        connection.initialSettings = [
            HTTP2Setting(parameter: .maxConcurrentStreams, value: concurrentStreams),
            HTTP2Setting(parameter: .initialWindowSize, value: streamWindow),
            HTTP2Setting(parameter: .maxHeaderListSize, value: headerList),
            HTTP2Setting(parameter: .enableConnectProtocol, value: 1),
        ]
        connection.maximumSequentialEmptyDataFrames = 16
        connection.maximumSequentialContinuationFrames = 64
        connection.maximumRecentlyResetStreams = 1024
        connection.maximumConnectionGlitches = 10_000
        connection.controlFrameRateLimit.maximumCount = 10_000
        connection.controlFrameRateLimit.windowLength = .seconds(10)
        var stream = NIOHTTP2Handler.StreamConfiguration()
        stream.streamResetFrameRateLimit.maximumCount = 50_000
        stream.streamResetFrameRateLimit.windowLength = .seconds(10)
        stream.streamErrorRateLimit.maximumCount = 10_000
        stream.streamErrorRateLimit.windowLength = .seconds(10)
        return NIOHTTP2Handler(
            mode: .server,
            frameDelegate: delegate,
            connectionConfiguration: connection,
            streamConfiguration: stream,
        )
    }
}
