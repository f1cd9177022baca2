import NIOCore

@testable import Proxy

/// What has to hold for any bytes that claim to be an HTTP/1 response.
enum ResponseProperties {
    static func violation(_ bytes: [UInt8], answering method: MethodKind) -> String? {
        guard let head = try? parse(bytes, method) else { return nil }
        guard let text = MessageText(bytes.prefix(head.length)) else {
            return "accepted a head whose lines are not clean"
        }
        guard text.isFramedOnce else { return "accepted an ambiguous length" }
        for framing in [ClientFraming.same, .chunked, .untilClose] {
            if let found = splicingViolation(head, bytes, method, framing) { return found }
        }
        return fieldsViolation(
            HTTP2Response.headers(head, bytes.span).map { ($0.name, $0.value) }
        )
    }

    private static func parse(
        _ bytes: [UInt8],
        _ method: MethodKind,
    ) throws(HeadError) -> ResponseHead? {
        var head = ResponseHead()
        return try head.parse(bytes.span, answering: method) ? head : nil
    }

    private static func splicingViolation(
        _ head: ResponseHead,
        _ bytes: [UInt8],
        _ method: MethodKind,
        _ framing: ClientFraming,
    ) -> String? {
        let expected: BodyFraming
        switch (framing, head.framing) {
        case (.same, _): expected = head.framing
        case (.chunked, .untilClose): expected = .chunked
        case (.untilClose, .chunked): expected = .untilClose
        default: return nil
        }
        guard !head.isUpgrade || framing == .same else { return nil }
        var out = ByteBuffer()
        head.splice(
            bytes.span,
            framing: framing,
            connection: head.isUpgrade ? .upgrade : .none,
            to: &out,
        )
        let spliced = Array(out.readableBytesView)
        guard let text = MessageText(spliced) else { return "spliced lines that are not clean" }
        guard text.isFramedOnce else { return "spliced an ambiguous length" }
        guard let again = try? parse(spliced, method) else { return "spliced what it would refuse" }
        if again.length != spliced.count { return "spliced more than a head" }
        if again.framing != expected { return "framed as \(again.framing), not \(expected)" }
        guard text.startLine.starts(with: "HTTP/1.1 ".utf8) else {
            return "passed another version on"
        }
        if again.status != head.status { return "changed the status" }
        if text.count("connection") != (head.isUpgrade ? 1 : 0) {
            return "passed a hop-by-hop field on"
        }
        return nil
    }

    private static func fieldsViolation(_ fields: [(name: String, value: String)]) -> String? {
        for (name, value) in fields {
            guard name.utf8.allSatisfy({ $0 >= 0x21 && $0 < 0x7F && !(0x41...0x5A).contains($0) })
            else { return "an HTTP/2 field's name is \(name)" }
            guard value.utf8.allSatisfy({ $0 != 0 && $0 != 0x0A && $0 != 0x0D }) else {
                return "an HTTP/2 field's value is \(value)"
            }
        }
        return nil
    }

    static let seeds = [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Type: text/plain\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n\r\n",
        "HTTP/1.0 404 Not Found\r\nConnection: close, X-A\r\nX-A: 1\r\nKeep-Alive: 5\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\nX-Portless: 1\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        "HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 204\r\n\r\n", "HTTP/1.1 426 Upgrade\r\nUpgrade: h2c\r\n\r\n",
    ].map { Array($0.utf8) }

    static let words =
        RequestProperties.words + ["200", " 999 ", "HTTP/2.0"].map { Array($0.utf8) }
}
