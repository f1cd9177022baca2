/// Why a message head was refused.
enum HeadError: Error, Equatable {
    case malformed(Reason)
    case tooLarge
    case unsupportedVersion
    case unsupportedTransferCoding
    case unsupportedMethod

    enum Reason: String {
        case startLine = "malformed start line"
        case fieldName = "malformed field name"
        case fieldValue = "malformed field value"
        case lineEnding = "line not ended by CR LF"
        case foldedField = "folded header field"
        case target = "malformed request target"
        case host = "missing, repeated or malformed Host"
        case contentLength = "malformed or repeated Content-Length"
        case framing = "ambiguous body length"
        case hops = "malformed x-portless-hops"
        case upgrade = "switched protocols without being asked to"
    }
}

extension HeadError {
    /// The reason, for a log line or an error page.
    var explanation: String {
        switch self {
        case .malformed(let reason): reason.rawValue
        case .tooLarge: "header larger than \(HeadScanner.maximumSize / 1024) KiB"
        case .unsupportedVersion: "unsupported HTTP version"
        case .unsupportedTransferCoding: "unsupported transfer coding"
        case .unsupportedMethod: "method not supported by a proxy of this kind"
        }
    }

    /// The status that a client gets for such a request.
    var status: Int {
        switch self {
        case .malformed: 400
        case .tooLarge: 431
        case .unsupportedVersion: 505
        case .unsupportedTransferCoding, .unsupportedMethod: 501
        }
    }
}
