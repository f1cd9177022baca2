import NIOCore
import NIOHPACK
import NIOHTTP2
import NIOPosix
import NIOSSL
import Testing

/// An HTTP/2 client that speaks in single frames, over TLS with ALPN.
final class HTTP2Client {
    struct Ended: Error {}

    private var iterator: NIOAsyncChannelInboundStream<HTTP2Frame>.AsyncIterator
    private let outbound: NIOAsyncChannelOutboundWriter<HTTP2Frame>
    /// Frames that were read while waiting for others.
    private var unread: [HTTP2Frame] = []

    private init(
        _ inbound: NIOAsyncChannelInboundStream<HTTP2Frame>,
        _ outbound: NIOAsyncChannelOutboundWriter<HTTP2Frame>,
    ) {
        iterator = inbound.makeAsyncIterator()
        self.outbound = outbound
    }

    static func with<Result: Sendable>(
        port: Int,
        settings: HTTP2Settings = [],
        _ body: (HTTP2Client) async throws -> Result,
    ) async throws -> Result {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .none
        configuration.applicationProtocols = ["h2"]
        let tls = try NIOSSLContext(configuration: configuration)
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers([
                        NIOSSLClientHandler(context: tls, serverHostname: "app.localhost"),
                        NIOHTTP2Handler(
                            mode: .client,
                            connectionConfiguration: patience(settings),
                        ),
                        LateResets(),
                    ])
                    return try NIOAsyncChannel<HTTP2Frame, HTTP2Frame>(
                        wrappingChannelSynchronously: channel
                    )
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await body(HTTP2Client(inbound, outbound))
        }
    }

    /// Lets a test send what is wrong, and receive what was on its way to streams that it reset.
    private static func patience(
        _ settings: HTTP2Settings
    ) -> NIOHTTP2Handler.ConnectionConfiguration {
        var configuration = NIOHTTP2Handler.ConnectionConfiguration()
        configuration.initialSettings = settings
        configuration.headerBlockValidation = .disabled
        configuration.contentLengthValidation = .disabled
        configuration.maximumRecentlyResetStreams = 20_000
        configuration.maximumConnectionGlitches = 100_000
        return configuration
    }

    func send(_ id: HTTP2StreamID, _ payload: HTTP2Frame.FramePayload) async throws {
        try await outbound.write(HTTP2Frame(streamID: id, payload: payload))
    }

    /// Waits for the server's settings; an extended CONNECT may only follow them (RFC 8441).
    func receiveSettings() async throws {
        while true {
            if case .settings(.settings) = try await frame(on: .rootStream) { return }
        }
    }

    func request(
        _ id: HTTP2StreamID,
        _ fields: [(String, String)] = [],
        method: String = "GET",
        path: String = "/",
        authority: String = "app.localhost",
        endStream: Bool = true,
    ) async throws {
        var headers = HPACKHeaders([
            (":method", method), (":scheme", "https"), (":authority", authority),
            (":path", path),
        ])
        for (name, value) in fields { headers.add(name: name, value: value) }
        try await send(id, .headers(.init(headers: headers, endStream: endStream)))
    }

    func body(_ id: HTTP2StreamID, _ text: String, endStream: Bool = true) async throws {
        let data = IOData.byteBuffer(ByteBuffer(string: text))
        try await send(id, .data(.init(data: data, endStream: endStream)))
    }

    /// The next frame on a stream; frames of others stay for later.
    func frame(on id: HTTP2StreamID) async throws -> HTTP2Frame.FramePayload {
        if let index = unread.firstIndex(where: { $0.streamID == id }) {
            return unread.remove(at: index).payload
        }
        while let frame = try await iterator.next(isolation: #isolation) {
            if frame.streamID == id { return frame.payload }
            unread.append(frame)
        }
        throw Ended()
    }

    /// Reads data, in however many frames it comes, until there are `size` bytes of it; tells how
    /// many came before something else did.
    func data(on id: HTTP2StreamID, upTo size: Int) async throws -> Int {
        var received = 0
        while received < size {
            let payload = try await frame(on: id)
            guard case .data(let frame) = payload else {
                Issue.record("instead of data came \(payload)")
                break
            }
            received += frame.data.readableBytes
        }
        return received
    }

    struct Response {
        var status = ""
        var headers = HPACKHeaders()
        var body = ByteBuffer()
        var trailers: HPACKHeaders?
        var reset: HTTP2ErrorCode?

        var text: String { String(buffer: body) }
    }

    /// A whole answer, or what came of it before the stream was reset.
    ///
    /// Windows are not widened here: a test that reads more than they admit does it itself.
    func response(on id: HTTP2StreamID) async throws -> Response {
        var response = Response()
        while true {
            switch try await frame(on: id) {
            case .headers(let frame):
                if response.status.isEmpty {
                    response.headers = frame.headers
                    response.status = frame.headers.first(name: ":status") ?? ""
                } else {
                    response.trailers = frame.headers
                }
                if frame.endStream { return response }
            case .data(let frame):
                if case .byteBuffer(let bytes) = frame.data {
                    response.body.writeImmutableBuffer(bytes)
                }
                if frame.endStream { return response }
            case .rstStream(let code):
                response.reset = code
                return response
            default: break
            }
        }
    }
}

/// Lets a test reset a stream that has just ended, which is no reason to end the session.
private final class LateResets: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if !(error is NIOHTTP2Errors.NoSuchStream) { context.fireErrorCaught(error) }
    }
}
