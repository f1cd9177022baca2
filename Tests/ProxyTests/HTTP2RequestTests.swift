import NIOCore
import NIOHPACK
import PortlessCore
import Testing

@testable import Proxy

@Suite struct HTTP2RequestTests {
    private func write(
        _ fields: [(String, String)],
        hasBody: Bool = false,
    ) throws -> String {
        let headers = HPACKHeaders(fields)
        let request = try HTTP2Request(headers) { "KEY" }
        var out = ByteBuffer()
        request.write(
            headers,
            hasBody: hasBody,
            forwarded: ForwardedFields(peerAddress: "127.0.0.1", isSecure: true),
            to: &out,
        )
        return String(buffer: out)
    }

    private let get = [
        (":method", "GET"), (":scheme", "https"), (":authority", "a.localhost:8443"),
        (":path", "/x"),
    ]

    @Test func `writes a request as HTTP/1.1`() throws {
        #expect(
            try write(get + [("accept", "*/*"), ("cookie", "a=1"), ("cookie", "b=2")])
                == """
                GET /x HTTP/1.1\r
                host: a.localhost:8443\r
                accept: */*\r
                cookie: a=1; b=2\r
                x-forwarded-for: 127.0.0.1\r
                x-forwarded-proto: https\r
                x-portless-hops: 1\r
                x-forwarded-host: a.localhost:8443\r
                x-forwarded-port: 8443\r
                \r

                """
        )
    }

    @Test func `frames a body of unknown length in chunks, whatever the method`() throws {
        var fields = get
        fields[0] = (":method", "DELETE")
        #expect(try write(fields, hasBody: true).contains("\r\ntransfer-encoding: chunked\r\n"))
        #expect(!(try write(fields, hasBody: false).contains("transfer-encoding")))
        let sized = try write(fields + [("content-length", "3")], hasBody: true)
        #expect(sized.contains("content-length: 3") && !sized.contains("transfer-encoding"))
    }

    @Test func `turns an extended CONNECT into an upgrade`() throws {
        let text = try write(
            [
                (":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "https"),
                (":authority", "a.localhost"), (":path", "/ws"),
                ("sec-websocket-protocol", "chat"),
            ],
            hasBody: true,
        )
        #expect(text.hasPrefix("GET /ws HTTP/1.1\r\nhost: a.localhost\r\n"))
        #expect(text.contains("\r\nconnection: Upgrade\r\nupgrade: websocket\r\n"))
        #expect(text.contains("\r\nsec-websocket-key: KEY\r\nsec-websocket-version: 13\r\n"))
        #expect(text.contains("\r\nsec-websocket-protocol: chat\r\n"))
    }

    @Test(arguments: [
        ("a", "b\r\nx: y"), ("a", "b\nc"), ("a", "b\u{0}"), ("a b", "c"), ("a:", "c"), ("A", "c"),
        ("", "c"), (":path", "/ x"), (":path", "/x\r\n"), (":path", "x"), (":method", "G ET"),
        (":authority", "a/b"), (":authority", "a\r\n"), ("content-length", "-1"),
        ("content-length", "1, 1"), ("x-portless-hops", "x"),
    ])
    func `refuses what could become another request`(name: String, value: String) {
        var fields = get
        if let index = fields.firstIndex(where: { $0.0 == name }) {
            fields[index].1 = value
        } else {
            fields.append((name, value))
        }
        #expect(throws: HTTP2Request.Refusal.malformed) { try write(fields) }
    }

    @Test func `refuses two lengths, other CONNECTs, no host and too many fields`() {
        #expect(throws: HTTP2Request.Refusal.malformed) {
            try write(get + [("content-length", "1"), ("content-length", "1")])
        }
        #expect(throws: HTTP2Request.Refusal.unsupportedMethod) {
            try write([(":method", "CONNECT"), (":authority", "a:1")])
        }
        #expect(throws: HTTP2Request.Refusal.missingHost) {
            try write([(":method", "GET"), (":scheme", "https"), (":path", "/")])
        }
        #expect(throws: HTTP2Request.Refusal.tooLarge) {
            try write(get + [("a", String(repeating: "b", count: HeadScanner.maximumSize))])
        }
    }

    @Test(arguments: ["+5", "-5", "0x5", "5 ", "", "1234567890123456789"])
    func `refuses lengths and hops that HTTP/1 would not read`(value: String) {
        for name in ["content-length", "x-portless-hops"] {
            #expect(throws: HTTP2Request.Refusal.malformed) { try write(get + [(name, value)]) }
        }
    }

    @Test func `knows the proof of RFC 6455's example`() {
        #expect(
            WebSocketHandshake.accept(for: "dGhlIHNhbXBsZSBub25jZQ==")
                == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
        )
        #expect(WebSocketHandshake.makeKey().utf8.count == 24)
        #expect(Base64.encode(Array("f".utf8)) == "Zg==")
        #expect(Base64.encode(Array("fo".utf8)) == "Zm8=")
        #expect(Base64.encode(Array("foobar".utf8)) == "Zm9vYmFy")
    }
}
