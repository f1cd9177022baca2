import Crypto

/// The SHA-256 of some bytes in lower-case hexadecimal.
package struct Fingerprint: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(of bytes: [UInt8]) {
        description = hexadecimal(SHA256.hash(data: bytes))
    }

    /// Enough to tell files apart by.
    var short: Substring { description.prefix(16) }
}

/// Two lower-case digits a byte.
func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { byte in
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
}
