import HTTPTypes
import Hummingbird
import HummingbirdCore

extension RequestFacts {
    init(_ request: Request) {
        method = request.method.rawValue
        path = request.uri.path
        authority = request.head.authority ?? ""
        origin = request.headers[.origin]
        fetchSite = request.headers[.secFetchSite]
        contentType = request.headers[.contentType]
        lastEventID = request.headers[.lastEventID]
        authorization = request.headers[.authorization]
        for crumb in request.headers[values: .cookie].flatMap({ $0.split(separator: ";") }) {
            let parts = crumb.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { continue }
            cookies[String(parts[0].filter { $0 != " " })] = String(parts[1])
        }
        peers = request.headers[values: .forwardedFor]
            .flatMap { $0.split(separator: ",") }
            .map { $0.filter { $0 != " " } }
        isSecure = request.headers[.forwardedProto] == "https"
    }
}

extension HTTPField.Name {
    /// Names that are valid in any case; the library's own list lacks them.
    static let secFetchSite = name("sec-fetch-site")
    static let forwardedFor = name("x-forwarded-for")
    static let forwardedProto = name("x-forwarded-proto")
    static let lastEventID = name("last-event-id")
    static let frameOptions = name("x-frame-options")
    static let referrerPolicy = name("referrer-policy")

    private static func name(_ text: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else {
            preconditionFailure("\(text) is a token")
        }
        return name
    }
}
