import HTTPTypes
import Hummingbird
import HummingbirdCore

/// The facts of a request that the access policy decides on.
struct RequestFacts: Hashable, Sendable {
    var method = "GET"
    var path = "/"
    /// `host[:port]` as the client sent it.
    var authority = ""
    var origin: String?
    /// `Sec-Fetch-Site`, which browsers add and pages can't forge.
    var fetchSite: String?
    var contentType: String?
    var authorization: String?
    /// The last event that the client received before its connection broke.
    var lastEventID: String?
    var cookies: [String: String] = [:]
    /// The addresses that the request came through, nearest last; empty for the socket in the state
    /// directory, which only its user can open.
    var peers: [String] = []
    var isSecure = false

    var bearer: String? {
        guard let authorization else { return nil }
        let words = authorization.split(separator: " ", maxSplits: 1)
        guard words.count == 2, words[0].lowercased() == "bearer" else { return nil }
        return String(words[1].drop { $0 == " " })
    }

    /// The media type without its parameters.
    var mediaType: String? {
        contentType.map { type in
            type.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }.lowercased()
        }
    }

    /// Whether a page of another site made a browser send it.
    var isFromForeignSite: Bool { fetchSite?.lowercased().contains("cross-site") == true }

    /// False if one of the addresses may be another computer's.
    var isLocal: Bool {
        peers.allSatisfy { peer in
            peer == "::1" || peer.hasPrefix("127.") || peer.hasPrefix("::ffff:127.")
        }
    }
}

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
    /// Header names in any case, which the library's own list lacks.
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
