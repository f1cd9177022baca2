import NIOCore
import Testing

@testable import Proxy

@Suite struct RequestHeadTests {
    private func parse(_ text: String) throws -> RequestHead? {
        let bytes = ByteBuffer(string: text)
        var head = RequestHead()
        return try head.parse(bytes.readableBytesUInt8Span) ? head : nil
    }

    private func error(_ text: String) -> HeadError? {
        do {
            _ = try parse(text)
            return nil
        } catch {
            return error as? HeadError
        }
    }

    @Test func `reads a plain request`() throws {
        let head = try #require(
            try parse("GET /a?b=c HTTP/1.1\r\nHost: x.localhost:1\r\nA:  b \t\r\n\r\nrest")
        )
        #expect(head.length == 53)
        #expect(head.methodKind == .get)
        #expect(head.framing == .none)
        #expect(head.keepsAlive)
        #expect(head.fields.map(\.value.count) == [13, 1])
        #expect(head.authority.count == 13)
    }

    @Test(arguments: 1..<61)
    func `asks for more at every cut of a good head`(cut: Int) throws {
        let text = "POST /path HTTP/1.1\r\nHost: a.localhost\r\nContent-Length: 5\r\n\r\n"
        #expect(try parse(String(decoding: text.utf8.prefix(cut), as: UTF8.self)) == nil)
        #expect(try parse(text) != nil)
    }

    @Test(arguments: [
        ("chunked", "Transfer-Encoding: chunked\r\n", BodyFraming.chunked),
        ("chunked in capitals", "Transfer-Encoding: CHUNKED\r\n", .chunked),
        ("a length", "Content-Length: 12\r\n", .length(12)),
        ("zero", "Content-Length: 0\r\n", BodyFraming.none),
        ("nothing", "", BodyFraming.none),
    ])
    func `frames a body`(name: String, field: String, expected: BodyFraming) throws {
        let head = try #require(try parse("POST / HTTP/1.1\r\nHost: a\r\n\(field)\r\n"))
        #expect(head.framing == expected)
    }

    @Test(arguments: [
        ("two lengths", "Content-Length: 5\r\nContent-Length: 5\r\n"),
        ("a list of lengths", "Content-Length: 5, 5\r\n"),
        ("a signed length", "Content-Length: +5\r\n"),
        ("a negative length", "Content-Length: -1\r\n"),
        ("a hexadecimal length", "Content-Length: 0x5\r\n"),
        ("an empty length", "Content-Length:\r\n"),
        ("a length that overflows", "Content-Length: 99999999999999999999\r\n"),
        ("length and coding", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"),
        ("coding and length", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"),
        ("two codings", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
        ("space before the colon", "Transfer-Encoding : chunked\r\n"),
        ("a folded field", "A: b\r\n c\r\n"),
        ("a field without a name", ": b\r\n"),
        ("a field without a colon", "abc\r\n"),
        ("NUL in a value", "A: b\u{0}c\r\n"),
        ("a bare CR in a value", "A: b\rc\r\n"),
        ("a bare LF at a line's end", "A: b\n"),
        ("a control character in a name", "A\u{1}: b\r\n"),
        ("a second Host", "Host: b\r\n"),
        ("a Host with a path", ""),
    ])
    func `refuses what is ambiguous`(name: String, field: String) {
        let host = name == "a Host with a path" ? "a/b" : "a"
        guard case .malformed? = error("POST / HTTP/1.1\r\nHost: \(host)\r\n\(field)\r\n") else {
            Issue.record("\(name) was let through")
            return
        }
    }

    @Test(arguments: ["gzip", "gzip, chunked", "xchunked", "chunked\u{b}", "identity", "chunked;a"])
    func `refuses other transfer codings`(value: String) {
        #expect(error("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \(value)\r\n\r\n") != nil)
    }

    @Test func `refuses chunks from HTTP/1.0`() {
        #expect(
            error("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
                == .malformed(.framing)
        )
    }

    @Test(arguments: [
        "GET  / HTTP/1.1", "GET / HTTP/1.1 ", " GET / HTTP/1.1", "GET /", "GET / HTTP/1",
        "GET / http/1.1", "GET / HTTP/1.1\t", "G@T / HTTP/1.1", "GET /\u{1} HTTP/1.1",
        "GET a HTTP/1.1", "GET * HTTP/1.1", "GET http:// HTTP/1.1", "GET ftp://a/ HTTP/1.1",
        "GET http://a b/ HTTP/1.1", "GET /\u{7f} HTTP/1.1",
    ])
    func `refuses malformed request lines`(line: String) {
        guard case .malformed? = error("\(line)\r\nHost: a\r\n\r\n") else {
            Issue.record("\(line) was let through")
            return
        }
    }

    @Test func `tells unsupported versions and methods from malformed ones`() {
        #expect(error("GET / HTTP/2.0\r\nHost: a\r\n\r\n") == .unsupportedVersion)
        #expect(error("CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n") == .unsupportedMethod)
    }

    @Test func `wants a Host from HTTP/1.1 only`() throws {
        #expect(error("GET / HTTP/1.1\r\n\r\n") == .malformed(.host))
        #expect(try parse("GET / HTTP/1.0\r\n\r\n")?.authority.isEmpty == true)
    }

    @Test func `limits the head's size and number of fields`() {
        let long = String(repeating: "a", count: HeadScanner.maximumSize)
        #expect(error("GET / HTTP/1.1\r\nHost: a\r\nA: \(long)\r\n\r\n") == .tooLarge)
        #expect(error("GET /\(long)") == .tooLarge)
        let many = String(repeating: "A: b\r\n", count: HeadScanner.maximumFields + 1)
        #expect(error("GET / HTTP/1.1\r\n\(many)\r\n") == .tooLarge)
    }

    @Test func `knows when the connection persists`() throws {
        func keepsAlive(_ version: String, _ connection: String) throws -> Bool? {
            try parse("GET / HTTP/\(version)\r\nHost: a\r\n\(connection)\r\n")?.keepsAlive
        }
        #expect(try keepsAlive("1.1", "") == true)
        #expect(try keepsAlive("1.1", "Connection: x, Close\r\n") == false)
        #expect(try keepsAlive("1.0", "") == false)
        #expect(try keepsAlive("1.0", "Connection: Keep-Alive\r\n") == true)
    }

    // MARK: Splicing

    private func splice(_ text: String, isSecure: Bool = false) throws -> String {
        let bytes = ByteBuffer(string: text)
        var head = RequestHead()
        guard try head.parse(bytes.readableBytesUInt8Span) else { return "incomplete" }
        var out = ByteBuffer()
        var forwarded = ForwardedFields(peerAddress: "127.0.0.1", isSecure: isSecure)
        head.splice(bytes.readableBytesUInt8Span, adding: &forwarded, to: &out)
        return String(buffer: out)
    }

    @Test func `passes every byte on and adds the forwarding fields`() throws {
        #expect(
            try splice("GET /%41?Ä HTTP/1.1\r\nhOST: a.localhost:1355\r\nX-Odd:\t b  \r\n\r\n")
                == """
                GET /%41?Ä HTTP/1.1\r
                hOST: a.localhost:1355\r
                X-Odd:\t b  \r
                x-forwarded-for: 127.0.0.1\r
                x-forwarded-proto: http\r
                x-portless-hops: 1\r
                x-forwarded-host: a.localhost:1355\r
                x-forwarded-port: 1355\r
                \r

                """
        )
    }

    @Test func `strips what is about this connection only`() throws {
        let spliced = try splice(
            """
            GET / HTTP/1.1\r
            Host: a\r
            Connection: keep-alive, X-Secret, host\r
            Keep-Alive: 5\r
            X-Secret: 1\r
            Upgrade: websocket\r
            Proxy-Connection: keep-alive\r
            TE: trailers\r
            X-Kept: 1\r
            \r

            """
        )
        #expect(spliced.hasPrefix("GET / HTTP/1.1\r\nHost: a\r\nX-Kept: 1\r\nx-forwarded-for:"))
    }

    @Test func `keeps the fields of an upgrade`() throws {
        let spliced = try splice(
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\n"
                + "Upgrade: websocket\r\n\r\n"
        )
        #expect(spliced.contains("\r\nUpgrade: websocket\r\n"))
        #expect(spliced.contains("\r\nconnection: Upgrade\r\n"))
        #expect(!spliced.contains("keep-alive"))
    }

    @Test(arguments: [
        "h2c, websocket", "websocket,h2c", "foo, WebSocket", "websocket\r\nUpgrade: h2c",
        "h2c\r\nUpgrade: websocket", "websocket, websocket",
    ])
    func `passes only WebSocket on where several upgrades are offered`(offer: String) throws {
        let spliced = try splice(
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: \(offer)\r\n\r\n"
        )
        #expect(spliced.contains("\r\nconnection: Upgrade\r\nupgrade: websocket\r\n"))
        #expect(spliced.lowercased().ranges(of: "upgrade").count == 2)
        #expect(!spliced.contains("h2c") && !spliced.contains("foo"))
    }

    @Test(arguments: ["h2c, foo", "h2c", "H2C", "", ",", "foo, bar"])
    func `does not tunnel other protocols of a list`(offer: String) throws {
        let spliced = try splice(
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: \(offer)\r\n\r\n"
        )
        #expect(!spliced.lowercased().contains("upgrade"))
    }

    @Test func `does not tunnel cleartext HTTP/2`() throws {
        let spliced = try splice(
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\n"
                + "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n"
        )
        #expect(!spliced.lowercased().contains("upgrade"))
        #expect(!spliced.contains("HTTP2-Settings"))
    }

    @Test func `extends existing forwarding fields and counts hops`() throws {
        let spliced = try splice(
            """
            GET / HTTP/1.1\r
            Host: a\r
            X-Forwarded-For: 10.0.0.1\r
            X-Forwarded-Proto: ftp\r
            X-Forwarded-Host: b\r
            X-Forwarded-Port: 9\r
            X-Portless-Hops: 3\r
            \r

            """,
            isSecure: true,
        )
        #expect(
            spliced == """
                GET / HTTP/1.1\r
                Host: a\r
                X-Forwarded-Proto: ftp\r
                X-Forwarded-Host: b\r
                X-Forwarded-Port: 9\r
                x-forwarded-for: 10.0.0.1, 127.0.0.1\r
                x-portless-hops: 4\r
                \r

                """
        )
    }

    @Test func `Connection takes nothing away that tells of the client`() throws {
        let names = [
            "x-forwarded-for", "X-Forwarded-Host", "x-forwarded-port", "x-forwarded-proto",
        ]
        let connection =
            "Connection: \(names.joined(separator: ", ")), x-portless-hops, x-other\r\n"
        let plain = try splice("GET / HTTP/1.1\r\nHost: a\r\n\(connection)\r\n")
        #expect(plain == (try splice("GET / HTTP/1.1\r\nHost: a\r\n\r\n")))
        let fields = names.map { "\($0): 10.0.0.1\r\n" }.joined() + "x-portless-hops: 2\r\n"
        let told = try splice("GET / HTTP/1.1\r\nHost: a\r\n\(connection)\(fields)\r\n")
        #expect(told == (try splice("GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n")))
        #expect(told.contains("\r\nx-forwarded-for: 10.0.0.1, 127.0.0.1\r\n"))
    }

    @Test func `limits what Connection may name`() {
        let many = String(repeating: "a,", count: HeadScanner.maximumFields + 1)
        #expect(error("GET / HTTP/1.1\r\nHost: a\r\nConnection: \(many)\r\n\r\n") == .tooLarge)
    }

    @Test func `an empty X-Forwarded-For counts as none`() throws {
        let spliced = try splice("GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For:\r\n\r\n")
        #expect(spliced.contains("\r\nx-forwarded-for: 127.0.0.1\r\n"))
    }

    @Test(arguments: [
        ("GET", "http://b", "/"), ("GET", "http://b:80?x=/1", "/?x=/1"),
        ("OPTIONS", "http://b", "*"),
        ("OPTIONS", "http://b?x", "/?x"), ("GET", "HTTPS://b", "/"), ("OPTIONS", "http://b/", "/"),
    ])
    func `gives an absolute target without a path its root`(
        method: String,
        target: String,
        expected: String,
    ) throws {
        let spliced = try splice("\(method) \(target) HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(spliced.hasPrefix("\(method) \(expected) HTTP/1.1\r\nhost: b"))
    }

    @Test(arguments: ["65536", "99999", "000080", "8o", "-1", "+80"])
    func `refuses a Host with a port that can't be`(port: String) throws {
        #expect(error("GET / HTTP/1.1\r\nHost: a:\(port)\r\n\r\n") == .malformed(.host))
        #expect(error("GET http://a:\(port) HTTP/1.1\r\nHost: a\r\n\r\n") == .malformed(.target))
        #expect(try parse("GET / HTTP/1.1\r\nHost: a:65535\r\n\r\n") != nil)
    }

    @Test func `turns an absolute target into origin form and lets it replace Host`() throws {
        let spliced = try splice("GET http://b.localhost/x HTTP/1.1\r\nHost: a\r\nA: 1\r\n\r\n")
        #expect(spliced.hasPrefix("GET /x HTTP/1.1\r\nA: 1\r\nhost: b.localhost\r\n"))
    }

    @Test(arguments: ["HTTP/1.0", "HTTP/1.7"])
    func `speaks HTTP/1.1 whatever the client speaks`(version: String) throws {
        let spliced = try splice("GET / \(version)\r\nHost: a\r\n\r\n")
        #expect(spliced.hasPrefix("GET / HTTP/1.1\r\nHost: a\r\nx-forwarded-for"))
    }

    @Test func `names the authority of each request on a connection`() throws {
        var forwarded = ForwardedFields(peerAddress: "::1", isSecure: true)
        for authority in ["a.localhost", "b.localhost", "b.localhost:444", "b.localhost:444"] {
            let bytes = ByteBuffer(string: "GET / HTTP/1.1\r\nHost: \(authority)\r\n\r\n")
            var head = RequestHead()
            #expect(try head.parse(bytes.readableBytesUInt8Span))
            var out = ByteBuffer()
            head.splice(bytes.readableBytesUInt8Span, adding: &forwarded, to: &out)
            let text = String(buffer: out)
            let port = authority.hasSuffix("444") ? "444" : "443"
            #expect(text.contains("\r\nx-forwarded-host: \(authority)\r\n"))
            #expect(text.hasSuffix("\r\nx-forwarded-port: \(port)\r\n\r\n"))
        }
    }
}
