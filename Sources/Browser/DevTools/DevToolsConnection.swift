import HostSystem
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
package import PortlessCore
import Synchronization

/// An event of the DevTools Protocol.
package struct DevToolsEvent: Sendable {
    package var method: String
    package var parameters: JSONObject
    /// The page that it is about; nil for the browser itself.
    package var session: String?
}

/// A connection to a browser by the Chrome DevTools Protocol: JSON messages over WebSocket.
///
/// Each call has a deadline, and the end of the connection ends all calls. The caller that opens a
/// connection closes it; the browser then forgets what was enabled by it.
package final class DevToolsConnection: Sendable {
    /// A screenshot of a large window has some megabytes, in Base64.
    private static let longestMessage = 64 << 20
    private static let patience = TimeAmount.seconds(10)

    private typealias Answer = EventLoopPromise<JSONObject>

    private struct State {
        var last = 0
        var answers: [Int: Answer] = [:]
        var expected: [(method: String, session: String?, promise: EventLoopPromise<Bool>)] = []
        var isClosed = false
    }

    private let channel: any Channel
    private let state = Mutex(State())
    private let take: @Sendable (DevToolsEvent, DevToolsConnection) -> Void

    /// `path` is that of the browser's WebSocket; `take` is called with each event, on the event
    /// loop.
    package static func open(
        port: Port,
        path: String,
        taking take: @escaping @Sendable (DevToolsEvent, DevToolsConnection) -> Void = { _, _ in },
    ) async throws -> DevToolsConnection {
        let upgrade = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(patience)
            .connect(host: "127.0.0.1", port: port.number) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try Self.setUp(channel, port: port, path: path, take)
                }
            }
        return try await upgrade.get()
    }

    private static func setUp(
        _ channel: any Channel,
        port: Port,
        path: String,
        _ take: @escaping @Sendable (DevToolsEvent, DevToolsConnection) -> Void,
    ) throws -> EventLoopFuture<DevToolsConnection> {
        let refusal = DevToolsError.noDevTools(port)
        // A server that accepts and says nothing must not hold up the caller.
        let deadline = channel.eventLoop.scheduleTask(in: patience) {
            channel.close(promise: nil)
        }
        let upgrader = NIOTypedWebSocketClientUpgrader<DevToolsConnection>(
            maxFrameSize: longestMessage
        ) { channel, _ in
            deadline.cancel()
            return channel.eventLoop.makeCompletedFuture {
                let connection = DevToolsConnection(channel, take)
                let pipeline = channel.pipeline.syncOperations
                try pipeline.addHandler(
                    NIOWebSocketFrameAggregator(
                        minNonFinalFragmentSize: 0,
                        maxAccumulatedFrameCount: 1 << 14,
                        maxAccumulatedFrameSize: longestMessage,
                    )
                )
                try pipeline.addHandler(MessageReceiver(connection))
                return connection
            }
        }
        let head = HTTPRequestHead(
            version: .http1_1,
            method: .GET,
            uri: path,
            headers: ["host": "127.0.0.1:\(port)", "content-length": "0"],
        )
        let configuration = NIOTypedHTTPClientUpgradeConfiguration(
            upgradeRequestHead: head,
            upgraders: [upgrader],
            notUpgradingCompletionHandler: { channel in
                channel.close(promise: nil)
                return channel.eventLoop.makeFailedFuture(refusal)
            },
        )
        return try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(
            configuration: .init(upgradeConfiguration: configuration)
        ).flatMapErrorThrowing { _ in throw refusal }
    }

    private init(
        _ channel: any Channel,
        _ take: @escaping @Sendable (DevToolsEvent, DevToolsConnection) -> Void,
    ) {
        self.channel = channel
        self.take = take
    }

    /// Asks the browser, or with `session` one of its pages, and returns the result.
    package func call(
        _ method: String,
        _ parameters: JSONObject = [:],
        session: String? = nil,
        within limit: Duration = .seconds(10),
    ) async throws -> JSONObject {
        let promise = channel.eventLoop.makePromise(of: JSONObject.self)
        let number: Int? = state.withLock { state in
            guard !state.isClosed else { return nil }
            state.last += 1
            state.answers[state.last] = promise
            return state.last
        }
        guard let number else {
            promise.fail(DevToolsError.closed)
            return try await promise.futureResult.get()
        }
        let deadline = channel.eventLoop.scheduleTask(in: TimeAmount(limit)) { [self] in
            let late = state.withLock { $0.answers.removeValue(forKey: number) }
            late?.fail(DevToolsError.timedOut(method))
        }
        defer { deadline.cancel() }
        write(number, method, parameters, session)
        return try await promise.futureResult.get()
    }

    /// Asks without waiting for the result.
    package func tell(_ method: String, _ parameters: JSONObject, session: String?) {
        let number = state.withLock { state in
            state.last += 1
            return state.last
        }
        write(number, method, parameters, session)
    }

    /// The next event of this kind; false once the time is over or the connection has ended.
    package func expect(
        _ method: String,
        session: String?,
        within limit: Duration,
    ) -> @Sendable () async throws -> Bool {
        let promise = channel.eventLoop.makePromise(of: Bool.self)
        let isClosed = state.withLock { state in
            if !state.isClosed { state.expected.append((method, session, promise)) }
            return state.isClosed
        }
        if isClosed { promise.succeed(false) }
        channel.eventLoop.scheduleTask(in: TimeAmount(limit)) { promise.succeed(false) }
        return { try await promise.futureResult.get() }
    }

    package func close() async {
        try? await channel.close()
    }

    /// Ends when the browser has closed the connection.
    package func closed() async {
        try? await channel.closeFuture.get()
    }

    private func write(
        _ number: Int,
        _ method: String,
        _ parameters: JSONObject,
        _ session: String?,
    ) {
        var message: JSONObject = [
            "id": .integer(number), "method": .string(method), "params": .object(parameters),
        ]
        message["sessionId"] = session.map { .string($0) }
        let frame = WebSocketFrame(
            fin: true,
            opcode: .text,
            maskKey: .random(),
            data: ByteBuffer(string: JSONValue.object(message).compact),
        )
        channel.writeAndFlush(frame, promise: nil)
    }

    fileprivate func receive(_ bytes: ByteBuffer) {
        guard let message = (try? JSONValue(parsing: bytes.readableBytesView))?.object else {
            return
        }
        guard let number = message["id"]?.integer else { return receive(event: message) }
        guard let answer = state.withLock({ $0.answers.removeValue(forKey: number) }) else {
            return
        }
        if let error = message["error"] {
            answer.fail(DevToolsError.refused(error["message"]?.string ?? error.compact))
        } else {
            answer.succeed(message["result"]?.object ?? [:])
        }
    }

    private func receive(event message: JSONObject) {
        guard let method = message["method"]?.string else { return }
        let session = message["sessionId"]?.string
        take(
            DevToolsEvent(
                method: method,
                parameters: message["params"]?.object ?? [:],
                session: session,
            ),
            self,
        )
        let arrived = state.withLock { state in
            let arrived = state.expected.filter { $0.method == method && $0.session == session }
            state.expected.removeAll { $0.method == method && $0.session == session }
            return arrived
        }
        for expected in arrived { expected.promise.succeed(true) }
    }

    fileprivate func end() {
        let (answers, expected) = state.withLock { state in
            defer { state = State(last: state.last, isClosed: true) }
            return (state.answers.values.map(\.self), state.expected)
        }
        for answer in answers { answer.fail(DevToolsError.closed) }
        for event in expected { event.promise.succeed(false) }
    }
}

/// Why the browser didn't do what it was asked for.
package enum DevToolsError: Error, Hashable, CustomStringConvertible {
    case noDevTools(Port)
    case closed
    case timedOut(String)
    case refused(String)

    package var description: String {
        switch self {
        case .noDevTools(let port):
            "What listens on port \(port) doesn't speak the DevTools Protocol."
        case .closed: "The browser closed the connection. `portless browser status` shows why."
        case .timedOut(let method): "The browser gave no answer to \(method) in time."
        case .refused(let reason):
            "The browser refuses: \(reason.prefix(500).description.visibleLine)"
        }
    }
}

/// Hands the connection its messages, and answers pings.
private final class MessageReceiver: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let connection: DevToolsConnection

    init(_ connection: DevToolsConnection) {
        self.connection = connection
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        switch frame.opcode {
        case .text: connection.receive(frame.unmaskedData)
        case .ping:
            let pong = WebSocketFrame(
                fin: true,
                opcode: .pong,
                maskKey: .random(),
                data: frame.unmaskedData,
            )
            context.writeAndFlush(wrapOutboundOut(pong), promise: nil)
        case .connectionClose: context.close(promise: nil)
        default: break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        connection.end()
        context.fireChannelInactive()
    }
}
