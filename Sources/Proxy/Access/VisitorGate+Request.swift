import NIOCore
import PortlessCore

/// Between bytes and the gate: what a head says, and the head that the app gets in its place.
extension VisitorGate {
    enum Admission {
        /// The head for the app, which is read in place of the visitor's.
        case pass(ByteBuffer)
        case answer(Page)
    }

    func admit(_ head: RequestHead, _ bytes: ByteBuffer) -> Admission {
        let reader = HeadReader(head: head, bytes: bytes)
        switch judge(reader.visit) {
        case .answer(let page): return .answer(page)
        case .pass(let credential):
            return .pass(reader.headForApp(called: settings.hostname.description, credential))
        }
    }
}

private struct HeadReader {
    let head: RequestHead
    let bytes: ByteBuffer

    private func text(_ range: ByteRange) -> String {
        bytes.slice(range).map { String(buffer: $0) } ?? ""
    }

    private func write(_ range: ByteRange, to out: inout ByteBuffer) {
        if let slice = bytes.slice(range) { out.writeImmutableBuffer(slice) }
    }

    var visit: VisitorGate.Visit {
        var visit = VisitorGate.Visit()
        visit.method = text(head.method)
        let target = "\(head.impliedPath.text)" + text(head.originForm)
        visit.path = String(target.prefix { $0 != "?" })
        for field in head.fields {
            switch text(field.name).lowercased() {
            case "accept": visit.accept = text(field.value)
            case "authorization":
                // Two of them are none: each side could take another one.
                visit.authorization = visit.authorization == nil ? text(field.value) : ""
            case "cookie": visit.cookies += Self.cookies(text(field.value))
            case "x-forwarded-for": visit.lastForwardedFor = text(field.value)
            case "sec-fetch-mode", "origin": visit.isFromBrowser = true
            default: break
            }
        }
        return visit
    }

    /// The values of our own cookie.
    private static func cookies(_ field: String) -> [String] {
        pairs(field).filter(isOurs).map { pair in
            String(pair.dropFirst(VisitorGate.cookieName.count + 1))
        }
    }

    private static func pairs(_ field: String) -> [Substring] {
        field.split(separator: ";").map { $0.drop { $0 == " " || $0 == "\t" } }
    }

    private static func isOurs(_ pair: Substring) -> Bool {
        pair.hasPrefix(VisitorGate.cookieName + "=")
    }

    /// The app's own name as Host, no credential of ours, and all else as it came.
    func headForApp(called name: String, _ credential: VisitorGate.Credential) -> ByteBuffer {
        var out = ByteBuffer()
        write(head.method, to: &out)
        out.writeString(" \(head.impliedPath.text)")
        write(head.originForm, to: &out)
        out.writeString(" HTTP/1.\(head.minorVersion)\r\nHost: \(name)\r\n")
        for field in head.fields {
            switch text(field.name).lowercased() {
            case "host": continue
            case "authorization" where credential.isAuthorization: continue
            case "cookie" where !Self.cookies(text(field.value)).isEmpty:
                let kept = Self.pairs(text(field.value)).filter { !Self.isOurs($0) }
                if !kept.isEmpty { out.writeString("Cookie: \(kept.joined(separator: "; "))\r\n") }
            default: write(field.line, to: &out)
            }
        }
        if !head.hasForwardedHost, !head.authority.isEmpty {
            out.writeString("X-Forwarded-Host: \(text(head.authority))\r\n")
        }
        out.writeStaticString("\r\n")
        return out
    }
}
