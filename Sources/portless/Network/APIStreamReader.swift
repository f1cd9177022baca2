import HostSystem
import NIOCore
import NIOHTTP1
import PortlessCore

/// Asks for a stream of log lines and passes them on.
final class APIStreamReader: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let path: String
    private let token: String
    private let end: EventLoopPromise<Int64?>
    private let body: @Sendable (LogLine) -> Void
    private var last: Int64?
    private var status = HTTPResponseStatus.ok
    /// A line of a log with all its escapes, and what is told of it.
    private var splitter = LineSplitter(longest: 1 << 20)
    private var refusal: [UInt8] = []

    init(
        _ path: String,
        token: String,
        after: Int64?,
        end: EventLoopPromise<Int64?>,
        _ body: @escaping @Sendable (LogLine) -> Void,
    ) {
        self.path = path
        self.token = token
        self.end = end
        self.body = body
        last = after
    }

    func channelActive(context: ChannelHandlerContext) {
        var headers: HTTPHeaders = [
            "host": "localhost", "accept": "text/event-stream",
            "authorization": "Bearer \(token)",
        ]
        if let last { headers.add(name: "last-event-id", value: String(last)) }
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: path, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): status = head.status
        case .body(let part):
            guard status == .ok else { return refusal.append(contentsOf: part.readableBytesView) }
            part.withUnsafeReadableBytes { splitter.append($0) { take(Array($0)) } }
        case .end: context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        guard status == .ok else {
            let detail = (try? JSONValue(parsing: refusal))?["detail"]?.string
            return end.fail(Failure(detail ?? "The server answered \(status.code)."))
        }
        end.succeed(last)
    }

    /// The data of an event; all else in the stream is about the stream.
    private func take(_ line: [UInt8]) {
        let mark = Array("data: ".utf8)
        guard line.starts(with: mark),
            let json = try? JSONValue(parsing: Array(line.dropFirst(mark.count))),
            let process = json["process"]?.string, let text = json["line"]?.string,
            let time = json["time"]?.integer(as: Int64.self)
        else { return }
        let streams: [String: LogLine.Stream] = ["stdout": .output, "stderr": .error]
        let stream = json["type"]?.string.flatMap { streams[$0] } ?? .note
        let cursor = json["cursor"]?.integer(as: Int64.self) ?? time
        last = cursor
        body(
            LogLine(process: process, time: time, cursor: cursor, stream: stream, text: text)
        )
    }
}
