import NIOCore

/// The parts of a request that the proxy's own answers need; made only for those.
struct PageRequest {
    var method = "GET"
    var path = "/"
    /// `host[:port]` as the client sent it.
    var authority = ""
    var accept = ""
    var isSecure: Bool
    var hops = 0

    var form: PageForm { PageForm(accept: accept) }

    /// The authority without its port.
    var host: String {
        guard !authority.hasPrefix("[") else { return authority }
        return String(authority.prefix { $0 != ":" })
    }

    /// Whether a person looks at the answer: a browser navigating to a page.
    var isNavigation: Bool { method == "GET" && form == .html }

    init(isSecure: Bool) {
        self.isSecure = isSecure
    }

    init(_ head: RequestHead, _ bytes: ByteBuffer, isSecure: Bool) {
        self.isSecure = isSecure
        func text(_ range: ByteRange) -> String {
            bytes.slice(range).map { String(buffer: $0) } ?? ""
        }
        method = text(head.method)
        path = "\(head.impliedPath.text)" + text(head.originForm)
        authority = text(head.authority)
        hops = head.hops
        let accepted = head.fields.first { text($0.name).lowercased() == "accept" }
        accept = accepted.map { text($0.value) } ?? ""
    }
}
