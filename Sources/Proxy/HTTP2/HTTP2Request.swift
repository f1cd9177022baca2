import NIOCore
import NIOHPACK

/// An HTTP/2 request head, written as the HTTP/1.1 head that goes upstream.
///
/// Pure: the fields alone decide what is refused, dropped or added.
struct HTTP2Request {
    enum Refusal: Error, Equatable {
        /// The fields aren't a valid request; the stream is reset.
        case malformed
        case tooLarge
        case unsupportedMethod
        case missingHost
    }

    /// A `CONNECT` with `:protocol: websocket` (RFC 8441).
    struct WebSocket: Equatable {
        /// The key that the answer's `Sec-WebSocket-Accept` has to match.
        let key: String
    }

    private(set) var method = ""
    private(set) var path = ""
    private(set) var authority = ""
    private(set) var accept = ""
    private(set) var hops = 0
    private(set) var methodKind = MethodKind.other
    private(set) var webSocket: WebSocket?
    private(set) var contentLength: Int?

    private var protocolName: String?
    private var cookies: [String] = []
    private var host: String?
    private var forwardedFor: String?
    private var hasHops = false
    private var hasForwardedHost = false
    private var hasForwardedPort = false
    private var hasForwardedProto = false
    /// Whether a proxy in front has taken the request by TLS.
    private(set) var hasPassedTLS = false

    /// Reads the pseudo-header fields and those that the proxy acts on.
    init(_ headers: HPACKHeaders, makeKey: () -> String) throws(Refusal) {
        var size = 0
        for (name, value, _) in headers {
            size += name.utf8.count + value.utf8.count + 32
            guard name.isFieldName, value.isFieldValue else { throw .malformed }
            try read(name, value)
        }
        guard size <= HeadScanner.maximumSize, headers.count <= HeadScanner.maximumFields else {
            throw .tooLarge
        }
        if authority.isEmpty { authority = host ?? "" }
        guard !method.isEmpty, method.utf8.allSatisfy(\.isTokenCharacter) else { throw .malformed }
        methodKind = MethodKind(Array(method.utf8))
        if methodKind == .connect {
            guard protocolName == "websocket" else { throw .unsupportedMethod }
            webSocket = WebSocket(key: makeKey())
        }
        guard path.utf8.first == .slash || (path == "*" && methodKind == .options),
            path.utf8.allSatisfy(\.isVisible)
        else { throw .malformed }
        guard !authority.isEmpty else { throw .missingHost }
        let bytes = Array(authority.utf8)
        guard Authority.isValid(bytes.span, ByteRange(start: 0, end: bytes.count)) else {
            throw .malformed
        }
    }

    private mutating func read(_ name: String, _ value: String) throws(Refusal) {
        switch name {
        case ":method": method = value
        case ":path": path = value
        case ":authority": authority = value
        case ":protocol": protocolName = value
        case "host":
            guard host == nil else { throw .malformed }
            host = value
        case "accept": accept = value
        case "cookie": cookies.append(value)
        case "content-length":
            guard contentLength == nil, let length = value.decimal else {
                throw .malformed
            }
            contentLength = length
        case "x-forwarded-for": forwardedFor = forwardedFor.map { "\($0), \(value)" } ?? value
        case "x-forwarded-host": hasForwardedHost = true
        case "x-forwarded-port": hasForwardedPort = true
        case "x-forwarded-proto":
            hasForwardedProto = true
            if value == "https" { hasPassedTLS = true }
        case "x-portless-hops":
            guard !hasHops, let count = value.decimal else { throw .malformed }
            hasHops = true
            hops = min(count, 1000)
        default: break
        }
    }

    /// Checks trailer fields like those of a head, since they are written as lines of HTTP/1.1 as
    /// well.
    static func checkTrailers(_ headers: HPACKHeaders) throws(Refusal) {
        var size = 0
        for (name, value, _) in headers {
            size += name.utf8.count + value.utf8.count + 32
            guard name.isFieldName, name.utf8.first != .colon, value.isFieldValue,
                FieldName(name) == .other
            else { throw .malformed }
        }
        guard size <= ChunkedDecoder.maximumTrailers else { throw .tooLarge }
    }

    /// Whether the body is a form of known and moderate size.
    func isForm(_ headers: HPACKHeaders) -> Bool {
        let type = headers.first(name: "content-type") ?? ""
        return (contentLength ?? .max) <= ProxyLoop.longestForm
            && type.lowercased().hasPrefix("application/x-www-form-urlencoded")
    }

    /// Whether the upstream gets the body in chunks, because its length isn't declared.
    func sendsChunks(hasBody: Bool) -> Bool { hasBody && contentLength == nil }

    /// Writes the head for an HTTP/1.1 upstream.
    func write(
        _ headers: HPACKHeaders,
        hasBody: Bool,
        forwarded: ForwardedFields,
        host: [UInt8]? = nil,
        without strippedPrefix: StrippedPrefix? = nil,
        to out: inout ByteBuffer,
    ) {
        out.writeString(webSocket == nil ? method : "GET")
        out.writeStaticString(" ")
        if let strippedPrefix {
            let bytes = Array(path.utf8)
            strippedPrefix.writeTarget(bytes.span, to: &out)
        } else {
            out.writeString(path)
        }
        out.writeStaticString(" HTTP/1.1\r\nhost: ")
        if let host { out.writeBytes(host) } else { out.writeString(authority) }
        out.writeStaticString("\r\n")
        for (name, value, _) in headers where !isReplaced(name) {
            if strippedPrefix != nil, name == StrippedPrefix.field { continue }
            out.writeField(name, value)
        }
        if let strippedPrefix { out.writeField(StrippedPrefix.field, strippedPrefix.text) }
        // RFC 9113 section 8.2.3: crumbs are one field again on their way to HTTP/1.1.
        if !cookies.isEmpty { out.writeField("cookie", cookies.joined(separator: "; ")) }
        if sendsChunks(hasBody: hasBody), webSocket == nil {
            out.writeStaticString("transfer-encoding: chunked\r\n")
        }
        if let webSocket {
            out.writeStaticString("connection: Upgrade\r\nupgrade: websocket\r\n")
            out.writeField("sec-websocket-key", webSocket.key)
            if headers.first(name: "sec-websocket-version") == nil {
                out.writeStaticString("sec-websocket-version: 13\r\n")
            }
        }
        writeForwarded(forwarded, to: &out)
        out.writeStaticString("\r\n")
    }

    private func writeForwarded(_ forwarded: ForwardedFields, to out: inout ByteBuffer) {
        out.writeStaticString("x-forwarded-for: ")
        if let forwardedFor, !forwardedFor.isEmpty { out.writeString("\(forwardedFor), ") }
        out.writeBytes(forwarded.peer)
        if !hasForwardedProto {
            out.writeStaticString(
                forwarded.isSecure
                    ? "\r\nx-forwarded-proto: https" : "\r\nx-forwarded-proto: http"
            )
        }
        if hops == 0 {
            out.writeStaticString("\r\nx-portless-hops: 1\r\n")
        } else {
            out.writeString("\r\nx-portless-hops: \(hops + 1)\r\n")
        }
        if !hasForwardedHost { out.writeField("x-forwarded-host", authority) }
        if !hasForwardedPort {
            let colon = authority.utf8.lastIndex(of: .colon)
            let port = colon.map { authority[$0...].dropFirst() } ?? ""
            let isPort = !port.isEmpty && port.utf8.allSatisfy(\.isDigit)
            out.writeField(
                "x-forwarded-port",
                isPort ? String(port) : forwarded.isSecure ? "443" : "80",
            )
        }
    }

    /// Fields that aren't passed on: the proxy writes its own, or they concern only the client's
    /// connection.
    private func isReplaced(_ name: String) -> Bool {
        switch name {
        case "host", "cookie", "x-forwarded-for", "x-portless-hops", "te", "connection",
            "keep-alive", "proxy-connection", "transfer-encoding", "upgrade":
            true
        case "sec-websocket-key": webSocket != nil
        case "content-length": webSocket != nil
        default: name.utf8.first == .colon
        }
    }
}

extension MethodKind {
    init(_ bytes: [UInt8]) {
        self.init(bytes.span, ByteRange(start: 0, end: bytes.count))
    }
}

extension ByteBuffer {
    mutating func writeField(_ name: String, _ value: String) {
        writeString(name)
        writeStaticString(": ")
        writeString(value)
        writeStaticString("\r\n")
    }
}

extension FieldName {
    /// `name` has to consist of token characters.
    init(_ name: String) {
        let bytes = Array(name.utf8)
        self.init(bytes.span, ByteRange(start: 0, end: bytes.count))
    }
}

extension String {
    /// A lower-case token, with the colon of a pseudo-header field allowed in front.
    fileprivate var isFieldName: Bool {
        var bytes = utf8[...]
        if bytes.first == .colon { bytes = bytes.dropFirst() }
        return !bytes.isEmpty && bytes.allSatisfy { $0.isTokenCharacter && $0.lowercased == $0 }
    }

    /// A decimal number as HTTP/1 reads it: `Int` would let a plus sign through.
    fileprivate var decimal: Int? {
        let bytes = Array(utf8)
        return FramingFields.decimal(bytes.span, ByteRange(start: 0, end: bytes.count))
    }

    /// Excludes bytes that could end a line, and so begin another field, in HTTP/1.1.
    var isFieldValue: Bool { utf8.allSatisfy(\.isFieldText) }
}
