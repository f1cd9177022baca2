import NIOCore
import NIOHPACK

/// Turns an upstream's HTTP/1.1 head into the fields of HTTP/2.
enum HTTP2Response {
    static func headers(
        _ head: ResponseHead,
        _ bytes: Span<UInt8>,
        status: Int? = nil,
    ) -> HPACKHeaders {
        var headers = HPACKHeaders()
        headers.reserveCapacity(head.fields.count + 2)
        headers.add(name: ":status", value: statusText(status ?? head.status))
        for field in head.fields where !isDropped(field) {
            headers.add(
                name: String(lowercasing: bytes, field.name),
                value: String(copying: bytes, field.value),
            )
        }
        headers.add(name: "x-portless", value: "1")
        return headers
    }

    /// The answer to an extended CONNECT whose tunnel is open (RFC 8441 section 5).
    static func tunnelHeaders(_ head: ResponseHead, _ bytes: Span<UInt8>) -> HPACKHeaders {
        var tunnel = headers(head, bytes, status: 200)
        tunnel.remove(name: "sec-websocket-accept")
        return tunnel
    }

    static func headers(_ page: Page, version: String) -> HPACKHeaders {
        var headers = HPACKHeaders([
            (":status", statusText(page.status)),
            ("content-type", page.contentType),
            ("content-length", String(page.body.count)),
            ("x-portless-version", version),
            ("x-portless", "1"),
        ])
        for (name, value) in page.fields { headers.add(name: name, value: value) }
        return headers
    }

    /// Trailer lines as fields; nil where they are empty or not well-formed.
    static func trailers(_ lines: ByteBuffer) -> HPACKHeaders? {
        var whole = lines
        whole.writeStaticString("\r\n")
        var fields: [HeaderField] = []
        let bytes = whole.readableBytesUInt8Span
        guard let end = try? HeadScanner.scanFields(bytes, from: 0, into: &fields), end > 2 else {
            return nil
        }
        var headers = HPACKHeaders()
        for field in fields {
            headers.add(
                name: String(lowercasing: bytes, field.name),
                value: String(copying: bytes, field.value),
            )
        }
        return headers
    }

    private static func isDropped(_ field: HeaderField) -> Bool {
        guard !field.isNominated else { return true }
        switch field.known {
        case .transferEncoding, .xPortless: return true
        default: return field.known.isHopByHop
        }
    }

    private static func statusText(_ status: Int) -> String {
        switch status {
        case 200: "200"
        case 304: "304"
        default: String(status)
        }
    }
}

extension String {
    init(copying bytes: Span<UInt8>, _ range: ByteRange) {
        self.init(unsafeUninitializedCapacity: range.count) { buffer in
            for offset in 0..<range.count { buffer[offset] = bytes[range.start + offset] }
            return range.count
        }
    }

    init(lowercasing bytes: Span<UInt8>, _ range: ByteRange) {
        self.init(unsafeUninitializedCapacity: range.count) { buffer in
            for offset in 0..<range.count {
                buffer[offset] = bytes[range.start + offset].lowercased
            }
            return range.count
        }
    }
}
