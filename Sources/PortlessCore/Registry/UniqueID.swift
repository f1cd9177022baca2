/// Random identifiers.
package enum UniqueID {
    /// A UUID of version 4 (RFC 9562 section 5.4) in lower case.
    package static func make() -> String {
        var bytes = (0..<16).map { _ in UInt8.random(in: 0...255) }
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        let digits = bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }
        let ends = [4, 6, 8, 10, 16]
        return zip([0] + ends, ends).map { digits[$0..<$1].joined() }.joined(separator: "-")
    }
}
