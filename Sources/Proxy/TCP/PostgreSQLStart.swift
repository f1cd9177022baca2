import NIOCore

/// The beginning of a PostgreSQL connection, which asks for TLS by a message of its own.
///
/// Every message before the server's first answer has a length and a code of four bytes each
/// (PostgreSQL's documentation, "Message Formats"). The length's first byte is 0, which begins
/// neither a TLS record nor a method of HTTP.
enum PostgreSQLStart: Equatable {
    /// Asks for TLS: the server answers `S` or `N`, and the handshake follows.
    case encryption
    /// Asks for GSSAPI's encryption, which the client gives up after an `N`.
    case kerberos
    /// A session without TLS, which tells no name of a host.
    case session
    /// Asks to cancel another session's query.
    case cancellation

    static let length = 8
    static let firstByte: UInt8 = 0

    static let acceptance = ByteBuffer(string: "S")
    static let refusal = ByteBuffer(string: "N")

    /// The message that the bytes begin with; nil where they are something else.
    init?(_ bytes: ByteBuffer) {
        let start = bytes.readerIndex
        guard let length = bytes.getInteger(at: start, as: UInt32.self),
            let code = bytes.getInteger(at: start + 4, as: UInt32.self)
        else { return nil }
        switch (length, code) {
        case (8, 80_877_103): self = .encryption
        case (8, 80_877_104): self = .kerberos
        // 4 bytes of the process, and since version 3.2 a secret of up to 256.
        case (13...272, 80_877_102): self = .cancellation
        // Version 3 of the protocol; the server's own limit of the message is 10,000 bytes.
        case (8...10_000, 0x0003_0000...0x0003_FFFF): self = .session
        default: return nil
        }
    }

    /// A fatal error, with one of PostgreSQL's codes (its appendix A), as clients show it.
    static func error(_ code: String, _ message: String) -> ByteBuffer {
        var fields = ByteBuffer()
        for (kind, text) in [("S", "FATAL"), ("V", "FATAL"), ("C", code), ("M", message)] {
            fields.writeString(kind)
            fields.writeNullTerminatedString(text)
        }
        fields.writeInteger(UInt8(0))
        var message = ByteBuffer(string: "E")
        message.writeInteger(UInt32(fields.readableBytes + 4))
        message.writeImmutableBuffer(fields)
        return message
    }
}
