import NIOCore
import Testing

@testable import Proxy

@Suite struct ResponseHeadTests {
    private func parse(_ text: String, answering method: MethodKind = .get) throws -> ResponseHead?
    {
        var head = ResponseHead()
        let bytes = ByteBuffer(string: text)
        return try head.parse(bytes.readableBytesUInt8Span, answering: method) ? head : nil
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", MethodKind.get, BodyFraming.length(3)),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", .get, .chunked),
        ("HTTP/1.1 200 OK\r\n\r\n", .get, .untilClose),
        ("HTTP/1.0 200 OK\r\n\r\n", .get, .untilClose),
        ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", .head, BodyFraming.none),
        ("HTTP/1.1 204 No Content\r\n\r\n", .get, BodyFraming.none),
        ("HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n", .get, BodyFraming.none),
        ("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", .get, BodyFraming.none),
    ])
    func `frames a body`(text: String, method: MethodKind, expected: BodyFraming) throws {
        #expect(try parse(text, answering: method)?.framing == expected)
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/1.1 099 No\r\n\r\n",
        "HTTP/1.1 200 OK\nA: b\n\n", "hello, this is not HTTP\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA : b\r\n\r\n", "HTTP/1.1 200 OK\r\n A: b\r\n\r\n",
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    ])
    func `refuses what is not an answer`(text: String) {
        #expect(throws: HeadError.self) { try parse(text) }
    }

    @Test func `splices an answer for the client`() throws {
        let text = """
            HTTP/1.0 404 Nö\r
            Server: x\r
            Connection: close, X-Secret\r
            X-Secret: 1\r
            Keep-Alive: timeout=5\r
            X-Portless: 7\r
            Set-Cookie: a\r
            Set-Cookie: b\r
            \r

            """
        let head = try #require(try parse(text))
        var out = ByteBuffer()
        head.splice(
            ByteBuffer(string: text).readableBytesUInt8Span,
            framing: .chunked,
            connection: .none,
            to: &out,
        )
        #expect(
            String(buffer: out) == """
                HTTP/1.1 404 Nö\r
                Server: x\r
                Set-Cookie: a\r
                Set-Cookie: b\r
                transfer-encoding: chunked\r
                X-Portless: 1\r
                \r

                """
        )
    }
}
