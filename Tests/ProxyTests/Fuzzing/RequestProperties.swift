import NIOCore

@testable import Proxy

/// What has to hold for any bytes that claim to be an HTTP/1 request.
enum RequestProperties {
    /// What is wrong with the parser's view of `bytes`, if anything.
    static func violation(_ bytes: [UInt8], cut: Int) -> String? {
        let whole = Result { () throws(HeadError) in try parse(bytes) }
        if let early = cutViolation(bytes, cut: cut, whole: whole) { return early }
        guard case .success(let head?) = whole else { return nil }
        guard let text = MessageText(bytes.prefix(head.length)) else {
            return "accepted a head whose lines are not clean"
        }
        guard text.isFramedOnce else { return "accepted an ambiguous length" }
        guard text.count("host") < 2 else { return "accepted two Hosts" }
        // Without a name the request is answered by the proxy itself.
        return head.authority.isEmpty ? nil : splicingViolation(head, bytes)
    }

    private static func parse(_ bytes: [UInt8]) throws(HeadError) -> RequestHead? {
        var head = RequestHead()
        return try head.parse(bytes.span) ? head : nil
    }

    /// A head that is cut off is never taken for a whole one, nor refused if the whole is fine.
    private static func cutViolation(
        _ bytes: [UInt8],
        cut: Int,
        whole: Result<RequestHead?, HeadError>,
    ) -> String? {
        let start = Array(bytes.prefix(cut))
        switch (Result { () throws(HeadError) in try parse(start) }, whole) {
        case (.success(let early?), .success(let head?)) where early.length == head.length:
            return nil
        case (.success(.some), _): return "a start of \(cut) bytes is read as another request"
        case (.failure, .success): return "a start of \(cut) bytes is refused, the whole isn't"
        case (.success(.none), _), (.failure, .failure): return nil
        }
    }

    /// What goes upstream is read there as the same request, one hop further.
    private static func splicingViolation(_ head: RequestHead, _ bytes: [UInt8]) -> String? {
        var out = ByteBuffer()
        var forwarded = ForwardedFields(peerAddress: "127.0.0.1", isSecure: true)
        head.splice(bytes.span, adding: &forwarded, to: &out)
        let spliced = Array(out.readableBytesView)
        guard let text = MessageText(spliced) else { return "spliced lines that are not clean" }
        guard text.isFramedOnce else { return "spliced an ambiguous length" }
        guard text.count("host") == 1 else { return "spliced \(text.count("host")) Hosts" }
        guard let again = try? parse(spliced) else { return "spliced what it would refuse" }
        func part(_ range: ByteRange, of bytes: [UInt8]) -> [UInt8] {
            Array(bytes[range.start..<range.end])
        }
        if again.length != spliced.count { return "spliced more than a head" }
        if again.framing != head.framing { return "changed the framing" }
        if again.isUpgrade != head.isUpgrade { return "changed the upgrade" }
        if part(again.method, of: spliced) != part(head.method, of: bytes) {
            return "changed the method"
        }
        let implied = Array("\(head.impliedPath.text)".utf8)
        if part(again.target, of: spliced) != implied + part(head.originForm, of: bytes) {
            return "changed the target"
        }
        if part(again.authority, of: spliced) != part(head.authority, of: bytes) {
            return "changed the authority"
        }
        guard text.startLine.suffix(9).elementsEqual(" HTTP/1.1".utf8) else {
            return "passed another version on"
        }
        if again.hops != min(head.hops + 1, 1000) { return "did not count the hop" }
        let isCarried = text.count("connection") == (head.isUpgrade ? 1 : 0)
        guard isCarried, text.count("keep-alive") == 0, text.count("te") == 0 else {
            return "passed a hop-by-hop field on"
        }
        for name in ["for", "host", "port", "proto"] where text.count("x-forwarded-\(name)") == 0 {
            return "left X-Forwarded-\(name) out"
        }
        let offers = text.values("upgrade").flatMap { $0.split(separator: ",") }
        guard offers.count == (head.isUpgrade ? 1 : 0) else { return "offered several upgrades" }
        return nil
    }

    static let seeds = [
        "GET / HTTP/1.1\r\nHost: app.localhost\r\n\r\n",
        "GET /a?b=%20 HTTP/1.1\r\nHost: app.localhost:1355\r\nAccept: */*\r\nCookie: a=b\r\n\r\n",
        "POST /x HTTP/1.1\r\nHost: a.localhost\r\nContent-Length: 5\r\n\r\nhello",
        "POST /x HTTP/1.1\r\nhost: a.localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET http://b.localhost:80/p HTTP/1.1\r\nHost: a\r\nConnection: close, X-A\r\nX-A: 1\r\n\r\n",
        "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\n",
        "GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: [::1]:80\r\nTE: trailers\r\nTrailer: X\r\n\r\n",
        """
        GET / HTTP/1.1\r\nX-Forwarded-For: 10.0.0.1\r\nHost: a\r\nX-Forwarded-Proto: http\r
        X-Forwarded-Host: b\r\nX-Forwarded-Port: 8\r\nx-portless-hops: 2\r\nExpect: 100-continue\r
        Keep-Alive: 5\r\nProxy-Connection: x\r\n\r\n
        """,
    ].map { Array($0.utf8) }

    static let words = [
        "\r\n", "\r", "\n", "\0", " ", "\t", ":", ",", "\r\n ", "\r\n\r\n", "HTTP/1.1", "HTTP/1.0",
        "7",
        "Host: b\r\n", "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n", "chunked",
        "Connection: host, content-length\r\n", "Connection: x-portless-hops\r\n", "é", "*",
        "X-Forwarded-For: 1.2.3.4\r\n", "x-portless-hops: 999\r\n", "Upgrade: h2c\r\n", "@", "//",
        "http://x", "https://", "identity, ", "9999999999999999999", "+", "-", "[", "]",
        "TE: x\r\n", "Connection: x-forwarded-for, x-forwarded-host\r\n", "?",
        "Upgrade: websocket\r\n",
        "Connection: upgrade, x-forwarded-port, x-forwarded-proto\r\n", ", websocket", ":65536",
    ].map { Array($0.utf8) }
}
