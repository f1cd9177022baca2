import Crypto

/// The key and its proof of the opening handshake (RFC 6455 section 4), for WebSockets over
/// HTTP/2, where the client sends none.
enum WebSocketHandshake {
    static func makeKey() -> String {
        var generator = SystemRandomNumberGenerator()
        return Base64.encode(
            (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        )
    }

    static func accept(for key: String) -> String {
        let digest = Insecure.SHA1.hash(
            data: Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)
        )
        return Base64.encode(Array(digest))
    }
}

/// RFC 4648 section 4.
enum Base64 {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8
    )

    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = (0..<3).reduce(0) {
                $0 << 8 | ($1 < group.count ? Int(group[start + $1]) : 0)
            }
            for digit in 0..<4 {
                let isPadding = digit > group.count
                text.append(
                    isPadding ? UInt8(ascii: "=") : alphabet[bits >> (18 - 6 * digit) & 0x3F]
                )
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
