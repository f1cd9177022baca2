import NIOCore

/// An answer of the proxy's own, the same for both HTTP versions.
struct Page {
    var status: Int
    var contentType = "text/plain; charset=utf-8"
    /// Further fields, names in lower case.
    var fields: [(name: String, value: String)] = []
    var body: [UInt8] = []
    /// The error in one sentence, for records; nil where the answer is none.
    var failure: String?

    var reason: String {
        switch status {
        case 200: "OK"
        case 302: "Found"
        case 307: "Temporary Redirect"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 409: "Conflict"
        case 410: "Gone"
        case 421: "Misdirected Request"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 505: "HTTP Version Not Supported"
        case 508: "Loop Detected"
        default: "Error"
        }
    }
}

/// The form of an error that a client asks for.
enum PageForm {
    case html
    case json
    case text

    /// Chooses by an `Accept` field: browsers name `text/html` themselves.
    init(accept: String) {
        let accept = accept.lowercased()
        if accept.contains("text/html") {
            self = .html
        } else if accept.contains("json") {
            self = .json
        } else {
            self = .text
        }
    }
}

/// The parts of a request that the proxy's own answers need; made only for those.
struct PageRequest {
    var method = "GET"
    var path = "/"
    /// `host[:port]` as the client sent it.
    var authority = ""
    var accept = ""
    var isSecure: Bool
    /// Whether the client is another computer.
    var isRemote = false
    var hops = 0
    var hostsSync = HostsSyncProtocol.Fields()
    var fetch = FetchFields()

    var form: PageForm { PageForm(accept: accept) }

    /// The authority without its port.
    var host: String {
        guard !authority.hasPrefix("[") else {
            return authority.lastIndex(of: "]").map { String(authority[...$0]) } ?? authority
        }
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
        for field in head.fields {
            let name = text(field.name).lowercased()
            hostsSync.take(name) { text(field.value) }
            fetch.take(name) { text(field.value) }
        }
    }
}
