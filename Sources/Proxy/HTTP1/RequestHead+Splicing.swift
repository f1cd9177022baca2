import NIOCore

extension RequestHead {
    /// Writes the head as the upstream gets it: every byte as it came, but for the fields that
    /// belong to this connection or are replaced.
    ///
    /// Runs of kept lines, the request line among them, are copied in one piece. `host` is what the
    /// upstream gets in place of the client's `Host`.
    func splice(
        _ bytes: Span<UInt8>,
        adding forwarded: inout ForwardedFields,
        host: [UInt8]? = nil,
        without strippedPrefix: StrippedPrefix? = nil,
        to out: inout ByteBuffer,
    ) {
        let fieldsStart = fields.first?.line.start ?? length - 2
        var runStart = 0
        // A proxy sends its own version, even if the client's is higher (RFC 9110 section 6.2).
        let isVersion11 = bytes[target.end + 8] == UInt8(ascii: "1")
        let isVerbatim = isVersion11 && originForm == target && strippedPrefix == nil
        if !isVerbatim {
            out.writeRange(method, of: bytes)
            out.writeStaticString(" ")
            if let strippedPrefix {
                strippedPrefix.writeTarget(path(bytes).span, to: &out)
            } else {
                out.writeStaticString(impliedPath.text)
                out.writeRange(originForm, of: bytes)
            }
            out.writeStaticString(" HTTP/1.1\r\n")
            runStart = fieldsStart
        }
        let replacesHost = host != nil || (originForm != target && !authority.isEmpty)
        for field in fields where field.known != .other || field.isNominated {
            guard
                isDropped(field) || (replacesHost && field.known == .host)
                    || (strippedPrefix != nil && field.known == .xForwardedPrefix)
            else { continue }
            out.writeRange(ByteRange(start: runStart, end: field.line.start), of: bytes)
            runStart = field.line.end
        }
        out.writeRange(ByteRange(start: runStart, end: length - 2), of: bytes)
        if let strippedPrefix { out.writeField(StrippedPrefix.field, strippedPrefix.text) }
        if replacesHost {
            out.writeStaticString("host: ")
            if let host { out.writeBytes(host) } else { out.writeRange(authority, of: bytes) }
            out.writeStaticString("\r\n")
        }
        switch upgrade {
        case .none: break
        case .asSent: out.writeStaticString("connection: Upgrade\r\n")
        case .webSocket: out.writeStaticString("connection: Upgrade\r\nupgrade: websocket\r\n")
        }
        forwarded.writeEnd(of: self, bytes, to: &out)
    }

    private func isDropped(_ field: HeaderField) -> Bool {
        switch field.known {
        case .upgrade: upgrade != .asSent
        // The proxy writes these itself, with one more address or hop.
        case .xForwardedFor, .xPortlessHops:
            field.known == .xPortlessHops || isLastForwardedFor(field)
        default: field.known.isHopByHop || field.isNominated
        }
    }

    private func isLastForwardedFor(_ field: HeaderField) -> Bool {
        guard let forwardedFor else { return false }
        return fields[forwardedFor].line.start == field.line.start
    }
}
