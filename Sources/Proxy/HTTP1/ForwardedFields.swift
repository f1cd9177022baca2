import NIOCore

/// The fields that one client connection adds to each request that it forwards.
struct ForwardedFields: Sendable {
    /// The peer's address as text, without a zone or port.
    let peer: [UInt8]
    let isSecure: Bool
    /// Whether the peer is another computer.
    let isRemote: Bool
    /// The end of an ordinary request's head (no such fields yet, no hops), ready to be copied:
    /// one connection's requests nearly always name the same authority.
    private var ordinary: [UInt8] = []
    private var ordinaryAuthority: [UInt8] = []

    init(peerAddress: String, isSecure: Bool, isRemote: Bool = false) {
        peer = Array(peerAddress.utf8)
        self.isSecure = isSecure
        self.isRemote = isRemote
    }

    /// Writes the forwarding fields that `head` still lacks, and the empty line that ends it.
    mutating func writeEnd(
        of head: RequestHead,
        _ bytes: Span<UInt8>,
        to out: inout ByteBuffer,
    ) {
        let isOrdinary =
            head.forwardedFor == nil && head.hops == 0 && !head.hasForwardedProto
            && !head.hasForwardedHost && !head.hasForwardedPort
        guard isOrdinary else { return write(for: head, bytes, to: &out) }
        if !isRemembered(bytes, head.authority) {
            var end = ByteBuffer()
            write(for: head, bytes, to: &end)
            ordinary = Array(end.readableBytesView)
            ordinaryAuthority = (head.authority.start..<head.authority.end).map { bytes[$0] }
        }
        out.writeBytes(ordinary)
    }

    private func isRemembered(_ bytes: Span<UInt8>, _ authority: ByteRange) -> Bool {
        guard authority.count == ordinaryAuthority.count, !ordinary.isEmpty else { return false }
        for offset in 0..<authority.count
        where bytes[authority.start + offset] != ordinaryAuthority[offset] {
            return false
        }
        return true
    }

    private func write(for head: RequestHead, _ bytes: Span<UInt8>, to out: inout ByteBuffer) {
        out.writeStaticString("x-forwarded-for: ")
        if let index = head.forwardedFor, !head.fields[index].value.isEmpty {
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
        out.writeString("\r\nx-portless-hops: \(head.hops + 1)\r\n")
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
        out.writeStaticString("\r\n")
    }
}

extension ByteBuffer {
    @inline(__always)
    mutating func writeRange(_ range: ByteRange, of bytes: Span<UInt8>) {
        writeBytes(bytes.bytes.extracting(range.start..<range.end))
    }
}
