/// An answer of the proxy's own, the same for both HTTP versions.
struct Page {
    var status: Int
    var contentType = "text/plain; charset=utf-8"
    /// Further fields, names in lower case.
    var fields: [(name: String, value: String)] = []
    var body: [UInt8] = []

    var reason: String {
        switch status {
        case 200: "OK"
        case 302: "Found"
        case 307: "Temporary Redirect"
        case 400: "Bad Request"
        case 404: "Not Found"
        case 421: "Misdirected Request"
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
