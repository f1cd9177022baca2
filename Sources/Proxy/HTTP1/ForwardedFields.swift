import NIOCore

/// What one client connection adds to every request that it forwards.
struct ForwardedFields: Sendable {
    /// The peer's address as text, without a zone or port.
    let peer: [UInt8]
    let isSecure: Bool
    /// The fields of the ordinary request (no such fields yet, no hops), ready to be copied.
    private let common: [UInt8]

    init(peerAddress: String, isSecure: Bool) {
        peer = Array(peerAddress.utf8)
        self.isSecure = isSecure
        let scheme = isSecure ? "https" : "http"
        common = Array(
            """
            x-forwarded-for: \(peerAddress)\r
            x-forwarded-proto: \(scheme)\r
            x-portless-hops: 1\r

            """.utf8
        )
    }

    /// Writes the forwarding fields that `head` still lacks.
    func write(
        for head: RequestHead,
        _ bytes: Span<UInt8>,
        to out: inout ByteBuffer,
    ) {
        if head.forwardedFor == nil, !head.hasForwardedProto, head.hops == 0 {
            out.writeBytes(common)
        } else {
            out.writeStaticString("x-forwarded-for: ")
            if let index = head.forwardedFor {
                out.writeRange(head.fields[index].value, of: bytes)
                out.writeStaticString(", ")
            }
            out.writeBytes(peer)
            if !head.hasForwardedProto {
                out.writeStaticString(
                    isSecure
                        ? "\r\nx-forwarded-proto: https" : "\r\nx-forwarded-proto: http"
                )
            }
            out.writeStaticString("\r\nx-portless-hops: ")
            out.writeString(String(head.hops + 1))
            out.writeStaticString("\r\n")
        }
        if !head.hasForwardedHost {
            out.writeStaticString("x-forwarded-host: ")
            out.writeRange(head.authority, of: bytes)
            out.writeStaticString("\r\n")
        }
        if !head.hasForwardedPort {
            out.writeStaticString("x-forwarded-port: ")
            let port = Authority.portRange(bytes, head.authority)
            if port.isEmpty {
                out.writeStaticString(isSecure ? "443" : "80")
            } else {
                out.writeRange(port, of: bytes)
            }
            out.writeStaticString("\r\n")
        }
    }
}

extension ByteBuffer {
    @inline(__always)
    mutating func writeRange(_ range: ByteRange, of bytes: Span<UInt8>) {
        writeBytes(bytes.bytes.extracting(range.start..<range.end))
    }
}
