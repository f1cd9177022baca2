import Crypto
import PortlessCore

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
