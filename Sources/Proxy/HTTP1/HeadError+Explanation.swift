extension HeadError {
    /// What was wrong, for a log line or an error page.
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
