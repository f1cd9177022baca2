import NIOCore
import NIOEmbedded

@testable import Proxy

/// An app's end of a connection, which checks that it is sent one HTTP/1.1 request after another.
final class FuzzedApp {
    let channel: EmbeddedChannel
    private let speaksHTTP2: Bool
    private var received = ByteBuffer()
    private var head = RequestHead()
    private var body: RequestBody?
    private var isTunnel = false
    private var hasBegun = false

    init(_ eventLoop: EmbeddedEventLoop, speaksHTTP2: Bool) throws {
        channel = EmbeddedChannel(loop: eventLoop)
        self.speaksHTTP2 = speaksHTTP2
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 3)).wait()
    }

    var isOpen: Bool { channel.isActive }

    /// Reads what came, answers now and then, and says what was wrong.
    func advance(_ script: FuzzScript) -> String? {
        while let part = try? channel.readOutbound(as: ByteBuffer.self) {
            received.writeImmutableBuffer(part)
        }
        guard channel.isActive else { return nil }
        if speaksHTTP2 {
            answerHTTP2(script)
            return nil
        }
        while received.readableBytes > 0, !isTunnel {
            do {
                if body == nil {
                    let bytes = received
                    guard try head.parse(bytes.readableBytesUInt8Span) else { return nil }
                    received.moveReaderIndex(forwardBy: head.length)
                    body = RequestBody(head.framing)
                }
                guard try readBody() else { break }
            } catch {
                return "sent an app what is no request: \(error)"
            }
        }
        answer(script)
        return nil
    }

    /// Reads on in the body; false where more bytes are needed.
    private func readBody() throws(HeadError) -> Bool {
        guard var body else { return false }
        let part = try body.take(from: &received)
        self.body = body
        return part != nil && !body.isComplete
    }

    private func answer(_ script: FuzzScript) {
        guard let body, script.below(3) != 0 else { return }
        let text = script.one(of: Self.answers)
        // An answer may come before the request's end.
        guard body.isComplete || script.below(4) == 0 else { return }
        if text.isEmpty {
            channel.close(promise: nil)
            return
        }
        self.body = body.isComplete ? nil : body
        isTunnel = text.contains(" 101 ")
        _ = try? channel.writeInbound(ByteBuffer(string: text))
        channel.pipeline.fireChannelReadComplete()
    }

    private func answerHTTP2(_ script: FuzzScript) {
        guard received.readableBytes > 0 else { return }
        received.clear()
        var out = HTTP2Bytes()
        if !hasBegun, script.below(8) != 0 {
            hasBegun = true
            out.frame(.settings, script.below(2) == 0 ? [] : script.settings())
            out.frame(.settings, flags: HTTP2Bytes.Flag.acknowledgement)
        }
        for _ in 0..<script.below(4) {
            let stream = 1 + 2 * script.below(4)
            switch script.below(8) {
            case 0, 1:
                let fields = [
                    (":status", script.one(of: ["200", "103", "204", "abc", "101"])), ("a", "b"),
                ]
                try? out.headers(fields, on: stream, endStream: script.below(2) == 0)
            case 2: out.frame(.data, flags: script.byte() & 1, on: stream, script.bytes(20))
            case 3:
                try? out.headers([("grpc-status", "0"), ("content-length", "1")], on: stream)
            case 4: out.frame(.goAway, script.bytes(8))
            case 5: out.frame(.settings, script.settings())
            case 6: out.frame(.windowUpdate, on: script.below(2) * stream, script.bytes(4))
            default: out.write(script.bytes(script.below(12)))
            }
        }
        _ = try? channel.writeInbound(out.take())
        channel.pipeline.fireChannelReadComplete()
    }

    private static let answers = [
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nSum: 1\r\n\r\n",
        "HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\nHTTP/1.1 200 OK\r\n\r\nto the end", "",
        "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhalf", "HTTP/1.1 101 Switching\r\n\r\nbytes",
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
        "no HTTP at all\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: \(String(repeating: "{", count: 30_000))\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nand more than was asked for",
    ]
}
