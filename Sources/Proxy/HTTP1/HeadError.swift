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
